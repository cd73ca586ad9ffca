"""The names of what the hub's models offer: resolutions and efforts."""

from django.utils.translation import gettext_lazy

_TIER_NAMES = {
    "1K": gettext_lazy("Standard · 1K"),
    "2K": gettext_lazy("Large · 2K"),
    "4K": gettext_lazy("Largest · 4K"),
}
# Words of the hub's for effort; one that isn't here goes by itself.
EFFORT_NAMES = {
    "auto": gettext_lazy("Auto"),
    "minimal": gettext_lazy("Minimal"),
    "low": gettext_lazy("Low"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "xhigh": gettext_lazy("Extra high"),
    "max": gettext_lazy("Maximum"),
    "standard": gettext_lazy("Standard"),
    "hd": gettext_lazy("HD"),
}


def tier_name(tier: str) -> str:
    return str(_TIER_NAMES.get(tier, tier))


def effort_name(effort: str) -> str:
    """Low, Extra high … or the hub's own word."""
    return str(EFFORT_NAMES.get(effort.lower(), effort))
