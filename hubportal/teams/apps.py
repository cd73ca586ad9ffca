from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "hubportal.teams"

    def ready(self) -> None:
        # Models, which it knows, are there only now.
        from hubportal.teams import claims, second_steps

        second_steps.connect()
        claims.connect()
