"""Telling those who look after keys that one runs short, expires or stopped working: once for each warning."""

from django.db import transaction
from django.urls import reverse

from hubportal.keys.health import current_warnings, sent_warnings
from hubportal.keys.models import Key
from hubportal.keys.notification_events import event_for, facts_of
from hubportal.notifications.outbox import notify
from hubportal.teams.permissions import Permission


def tell_of_warnings() -> None:
    """Tell of every warning that is new."""
    for key in Key.objects.serving().select_related("team"):
        current, sent = current_warnings(key), sent_warnings(key)
        if current != sent:
            _tell(key, current, [warning for warning in current if warning not in sent])


@transaction.atomic
def _tell(key: Key, current: list[str], new: list[str]) -> None:
    """Note what there is to warn of now, and tell of what is new. Of two workers at once one does both."""
    if not key.record_warnings_sent(current):
        return
    for warning in new:
        notify(
            event_for(warning),
            team=key.team,
            to=Permission.MANAGE_KEYS,
            about=facts_of(key, warning),
            link=reverse("keys:index", args=[key.team.slug]),
        )
