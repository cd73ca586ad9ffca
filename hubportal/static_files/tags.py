"""What loads style sheets and scripts, in every template: `{% styles %}`, `{% module "create" %}`.

Collected they are one file each, otherwise their sources one by one.
"""

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from hubportal.static_files.bundles import JOINED_STYLES, joined_modules, module_sources, style_sources
from hubportal.static_files.storage import JoinedStaticFilesStorage

register = template.Library()


@register.simple_tag
def styles() -> SafeString:
    """Every style sheet of the site: it is small, and the next page has it already."""
    return _each('<link rel="stylesheet" href="{}">', [JOINED_STYLES] if _joined() else style_sources())


@register.simple_tag
def module(bundle: str) -> SafeString:
    """The scripts of one bundle (bundles.MODULES)."""
    return _each(
        '<script type="module" src="{}"></script>', [joined_modules(bundle)] if _joined() else module_sources(bundle)
    )


def _joined() -> bool:
    return isinstance(staticfiles_storage, JoinedStaticFilesStorage)


def _each(element: str, names: list[str]) -> SafeString:
    return format_html_join("\n  ", element, ((static(name),) for name in names))
