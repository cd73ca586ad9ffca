"""An icon of static/icons.svg in templates: `{% icon "key" %}`. Ground floor; a built-in library of every template."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """For decoration alone: what it means stands beside it in words. Written once a process, not once a use."""
    return format_html(
        '<svg class="icon" data-icon="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        name,
        static("icons.svg"),
        name,
    )
