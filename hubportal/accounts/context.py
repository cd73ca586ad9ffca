"""What every page may know of the person."""

from django.http import HttpRequest

from hubportal.accounts.models import Theme


def theme(request: HttpRequest) -> dict[str, str]:
    """`theme`: `light` or `dark` where the person chose one, else empty (the system decides)."""
    chosen = getattr(getattr(request, "user", None), "theme", Theme.SYSTEM)
    return {"theme": "" if chosen == Theme.SYSTEM else chosen}
