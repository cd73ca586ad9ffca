"""Which actions the audit log knows. Each room declares its own in its module `audit_actions`, loaded at the start."""

from collections.abc import Iterator, Mapping

from django.db import models


class AuditAction(models.TextChoices):
    """What somebody did, worded after their name: "Anna added a key". Subclassed by each room, a class a subject."""


def all_actions() -> Iterator[AuditAction]:
    """Every declared action, in the order of declaration."""
    for declared in AuditAction.__subclasses__():
        yield from declared


def action_label(code: str) -> str:
    """The action in words; the bare code of one that the program no longer knows."""
    return next((str(action.label) for action in all_actions() if action.value == code), code)


DETAIL_NAMES: dict[str, object] = {}
DETAIL_VALUES: dict[str, object] = {}


def declare_details(names: Mapping[str, object], values: Mapping[str, object] | None = None) -> None:
    """Tell how a room's details are named on the audit page, and which of their values are codes with a label."""
    DETAIL_NAMES.update(names)
    DETAIL_VALUES.update(values or {})
