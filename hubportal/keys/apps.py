from django.apps import AppConfig


class KeysConfig(AppConfig):
    name = "hubportal.keys"
