"""django.contrib.staticfiles, and what of other packages' files no page of the site loads."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class SiteStaticFilesConfig(StaticFilesConfig):
    # Compressing a file as well as can be takes longer the larger it is, and bin/run does it at its first start.
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        # django-htmx: other versions, those to be read, and extensions.
        *("htmx-4*", "htmax-*", "htmx-2.js", "django_htmx/ext"),
        # The admin's libraries, which are there minified as well, and its words in other languages than the site's.
        *("jquery.js", "select2.full.js", "select2.css", "xregexp.js", "i18n"),
        *("LICENSE*", "*.md", "*.txt"),
    ]
