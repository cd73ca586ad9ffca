"""Telling people by e-mail that a key runs short, expires or stopped working: once for each warning."""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.keys.health import current_warnings, sent_warnings
from hubportal.keys.models import Key
from hubportal.keys.wording.health import warning_subject, warning_text
from hubportal.teams.permissions import ROLE_PERMISSIONS, Permission

log = structlog.get_logger(__name__)


def send_key_warnings() -> None:
    """Write to those who want it about every warning that is new."""
    for key in Key.objects.serving().select_related("team"):
        current, sent = current_warnings(key), sent_warnings(key)
        new = [warning for warning in current if warning not in sent]
        # Noted before it is sent, so that two workers at once send it once.
        if current != sent and key.record_warnings_sent(current) and new and not _reach_anybody(key, new):
            key.record_warnings_sent(sent)


def _reach_anybody(key: Key, warnings: list[str]) -> bool:
    """Send it to all who want it. False when it reached none of them: then it is tried again."""
    recipients = key.team.memberships.filter(
        role__in=ROLE_PERMISSIONS[Permission.MANAGE_KEYS], wants_key_warnings=True, user__is_active=True
    )
    sent = [_send(one.user, key, warnings) for one in recipients.select_related("user").order_by("pk")]
    return any(sent) or not sent


def _send(person: User, key: Key, warnings: list[str]) -> bool:
    context = {
        "person": person,
        "key": key,
        "team": key.team,
        "page": f"{settings.SITE_URL}{reverse('keys:index', kwargs={'team': key.team.slug})}",
        "warnings": [warning_text(key, warning) for warning in warnings],
    }
    # A line break, which a label may hold, is not for a header.
    subject = " ".join(warning_subject(key, warnings[0]).split())
    message = EmailMessage(subject, render_to_string("keys/email/warning.txt", context), to=[person.email])
    try:
        return bool(message.send())
    except (OSError, SMTPException) as error:
        log.warning("warning not sent", key=str(key.pk), kind=type(error).__name__)
        return False
