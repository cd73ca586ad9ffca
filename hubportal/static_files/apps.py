"""What of other packages' files no page of the site loads: it is not collected."""

from typing import Any

from django.apps import AppConfig, apps

# Compressing a file as well as can be takes longer the larger it is, and bin/run does it at its first start.
NOT_COLLECTED = [
    # django-htmx: other versions, those to be read, and extensions.
    *("htmx-4*", "htmax-*", "htmx-2.js", "django_htmx/ext"),
    # The admin's libraries, which are there minified as well, and its words in other languages than the site's.
    *("jquery.js", "select2.full.js", "select2.css", "xregexp.js", "i18n"),
    *("LICENSE*", "*.md", "*.txt"),
]


class SiteStaticFilesConfig(AppConfig):
    name = "hubportal.static_files"

    def ready(self) -> None:
        # `collectstatic --ignore`, for every way in which it is started.
        config: Any = apps.get_app_config("staticfiles")
        config.ignore_patterns = [*config.ignore_patterns, *NOT_COLLECTED]
