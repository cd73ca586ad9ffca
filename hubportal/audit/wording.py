"""The details of an audit entry, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hubportal.audit.actions import DETAIL_NAMES, DETAIL_VALUES


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
    return phrases + [detail.format(name=_name(name), value=_value(value)) for name, value in rest.items()]


def _name(name: str) -> str:
    return str(DETAIL_NAMES.get(name, name.replace("_", " ")))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(DETAIL_VALUES.get(str(value), value))
