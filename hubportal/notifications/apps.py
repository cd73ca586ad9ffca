from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "hubportal.notifications"

    def ready(self) -> None:
        # The worker words what any room above has written down.
        autodiscover_modules("notification_events")
