from django.apps import AppConfig


class TeamsConfig(AppConfig):
    name = "hubportal.teams"

    def ready(self) -> None:
        # Models, which it knows, are there only now.
        from hubportal.teams import oidc_sync, two_factor_audit

        two_factor_audit.connect()
        oidc_sync.connect()
