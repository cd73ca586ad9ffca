from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "hubportal.teams"

    def ready(self) -> None:
        # Models, which they know, are there only now.
        from hubportal.teams import oidc_sync, people

        people.connect_signals()
        oidc_sync.connect_signals()
