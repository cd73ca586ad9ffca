"""Which actions and details the audit log knows, and how they are worded.

Each room declares its own in its module `audit_actions`, loaded at the start.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _


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


def details_in_words(details: Mapping[str, Any]) -> list[str]:
    """Each detail as a phrase: `role: Member`; what changed as `Member → Admin`."""
    rest = dict(details)
    phrases = []
    if "before" in rest and "after" in rest:
        change = {"before": _value(rest.pop("before")), "after": _value(rest.pop("after"))}
        # Translators: what something was, and what it is now.
        phrases.append(_("{before} → {after}").format(**change))
    # Translators: a fact of an audit entry, such as "role: Member".
    detail = _("{name}: {value}")
    for name, value in rest.items():
        phrases.append(detail.format(name=DETAIL_NAMES.get(name, name.replace("_", " ")), value=_value(value)))
    return phrases


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(DETAIL_VALUES.get(str(value), value))
