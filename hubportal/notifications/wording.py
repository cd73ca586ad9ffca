"""Notifications in words."""

from contextlib import suppress
from typing import NamedTuple

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.notifications.events import EVENTS, Facts
from hubportal.notifications.models import Notification

log = structlog.get_logger(__name__)

# What words are missing for: another version wrote these facts.
_UNKNOWN_FACTS = (KeyError, TypeError, ValueError)
_CHANNEL_PROBLEMS = {
    "failed": gettext_lazy("The last message did not get through. Look whether the address is still right."),
    "refused": gettext_lazy("Its address leads into a private network, where this site goes for nobody."),
    "unreadable": gettext_lazy("Its address can't be read. Remove the channel, and add it anew."),
    "timeout": gettext_lazy("It took too long to answer. Whether the last message arrived, nobody can tell."),
    "sealed": gettext_lazy("This site can't open its stored address. Add it anew, or ask who runs the site."),
}


class Sentences(NamedTuple):
    """What happened, in a line without a full stop; and more about it, in whole sentences, or ""."""

    headline: str
    text: str


def sentences_of(notification: Notification) -> Sentences:
    return words_for(notification.event, notification.facts)


def details_of(notification: Notification) -> str:
    """All that an e-mail tells of it, in lines; "" where the sentences say enough."""
    event = EVENTS.get(notification.event)
    with suppress(*_UNKNOWN_FACTS):
        return event.details(notification.facts) if event else ""
    return ""


def words_for(event_code: str, facts: Facts) -> Sentences:
    """What an event's facts say. Where another version wrote them, and this one has no words for them, that is said."""
    event = EVENTS.get(event_code)
    if event is not None:
        try:
            # A line break, which a label may hold, is not for a header.
            return Sentences(" ".join(event.headline(facts).split()), event.text(facts))
        except _UNKNOWN_FACTS:
            log.warning("no words for these facts", event_code=event_code)
    return Sentences(_("Something happened that this version of the site has no words for"), "")


def channel_problem(code: str) -> str:
    """Why the last post to a channel failed; "" for no problem."""
    return str(_CHANNEL_PROBLEMS.get(code, _CHANNEL_PROBLEMS["failed"])) if code else ""


def mail_subject(headlines: list[str]) -> str:
    """The subject of an e-mail that tells of these."""
    more = len(headlines) - 1
    if not more:
        return headlines[0]
    subject = ngettext("{headline}, and {count} more", "{headline}, and {count} more", more)
    return subject.format(headline=headlines[0], count=more)
