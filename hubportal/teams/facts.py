"""The small facts of an entry in the audit trail, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.teams.roles import Role

# What a fact is called; one without a name here is shown under its own.
NAMES = {
    "email": gettext_lazy("email"),
    "role": gettext_lazy("role"),
    "required": gettext_lazy("required"),
    "verdict": gettext_lazy("verdict"),
    "again": gettext_lazy("sent again"),
    "hub_id": gettext_lazy("the hub's id"),
    "step": gettext_lazy("step"),
    "pictures": gettext_lazy("pictures"),
    "bytes": gettext_lazy("bytes"),
    "filter": gettext_lazy("filter"),
    "old": gettext_lazy("instead of"),
    "owner": gettext_lazy("owner"),
    "to": gettext_lazy("moved to"),
    "until": gettext_lazy("until"),
}
# Values that are words of the code's.
VALUES = {
    **{role.value: role.label for role in Role},
    "accepted": gettext_lazy("it went through"),
    "not_accepted": gettext_lazy("it didn't go through"),
    "totp": gettext_lazy("authenticator app"),
    "webauthn": gettext_lazy("passkey or security key"),
    "recovery_codes": gettext_lazy("recovery codes"),
}


def in_words(detail: Mapping[str, Any]) -> list[str]:
    """Each fact as a phrase; what changed as `Member → Admin`."""
    facts = dict(detail)
    phrases = []
    if "before" in facts and "after" in facts:
        phrases.append(f"{_value(facts.pop('before'))} → {_value(facts.pop('after'))}")
    return phrases + [f"{_name(name)}: {_value(value)}" for name, value in facts.items()]


def _name(name: str) -> str:
    return str(NAMES.get(name, name.replace("_", " ")))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(VALUES.get(str(value), value))
