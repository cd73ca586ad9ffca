"""Notifications in words."""

from typing import NamedTuple

import structlog
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.notifications.events import EVENTS
from hubportal.notifications.models import Notification

log = structlog.get_logger(__name__)


class Sentences(NamedTuple):
    """What happened, in a line without a full stop; and more about it, in whole sentences, or ""."""

    headline: str
    text: str


def sentences_of(notification: Notification) -> Sentences:
    """What a notification says. One that another version wrote, and this one has no words for, says so."""
    event, facts = EVENTS.get(notification.event), notification.facts
    if event is not None:
        try:
            # A line break, which a label may hold, is not for a header.
            return Sentences(" ".join(event.headline(facts).split()), event.text(facts))
        except (KeyError, TypeError, ValueError):
            log.warning("no words for these facts", notification=str(notification.pk), event_code=notification.event)
    return Sentences(_("Something happened that this version of the site has no words for"), "")


def mail_subject(headlines: list[str]) -> str:
    """The subject of an e-mail that tells of these."""
    more = len(headlines) - 1
    if not more:
        return headlines[0]
    subject = ngettext("{headline}, and {count} more", "{headline}, and {count} more", more)
    return subject.format(headline=headlines[0], count=more)
