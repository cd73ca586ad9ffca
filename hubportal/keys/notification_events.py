"""What those who look after keys are told of them."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from hubportal.keys.health import EXPIRY
from hubportal.keys.models import Key
from hubportal.keys.wording.health import warning_subject, warning_text
from hubportal.notifications.events import Channel, Event, Facts, declare_event
from hubportal.teams.permissions import Permission

# What the sentences about a warning are made of.
_FACTS = ("label", "last_four", "problem", "balance", "credits_per_day")


def facts_of(key: Key, warning: str) -> dict[str, Any]:
    """The key as it is now, so that a sentence read later says what was so when it was written."""
    expiration = key.next_expiration and key.next_expiration.isoformat()
    return {"warning": warning, "next_expiration": expiration, **{name: getattr(key, name) for name in _FACTS}}


def _key_of(facts: Facts) -> Key:
    """The key as it was then: no row, and nothing to ask or to save."""
    expiration = facts["next_expiration"]
    return Key(
        next_expiration=datetime.fromisoformat(expiration) if expiration else None,
        **{name: facts[name] for name in _FACTS},
    )


def _headline(facts: Facts) -> str:
    return warning_subject(_key_of(facts), facts["warning"])


def _text(facts: Facts) -> str:
    return warning_text(_key_of(facts), facts["warning"])


_reason = _("You get this because you look after your team's keys.")

KEY_WARNING = declare_event(
    Event(
        code="key.warning",
        label=_("A key runs short, is empty or stopped working"),
        reason=_reason,
        headline=_headline,
        text=_text,
        channels=frozenset({Channel.BAR, Channel.EMAIL, Channel.PUSH}),
        permission=Permission.MANAGE_KEYS,
        for_team=True,
    )
)
CREDITS_EXPIRE = declare_event(
    Event(
        code="credits.expire",
        label=_("Credits are about to expire"),
        reason=_reason,
        headline=_headline,
        text=_text,
        channels=frozenset({Channel.BAR, Channel.EMAIL, Channel.PUSH}),
        permission=Permission.MANAGE_KEYS,
        for_team=True,
    )
)


def event_for(warning: str) -> Event:
    """Which event a warning (`health.current_warnings`) is."""
    return CREDITS_EXPIRE if warning.startswith(EXPIRY) else KEY_WARNING
