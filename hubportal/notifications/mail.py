"""One e-mail for all that is due to a person of one event.

It is sent once as far as can be known: what may have reached the mail server is not sent again. The page of
notifications has it all the same, and a mail that comes twice teaches people to read none.
"""

import smtplib
from contextlib import suppress

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, mailers
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.accounts.time_zones import zone_of
from hubportal.connections import release_connections
from hubportal.notifications.events import EVENTS, Channel, Event
from hubportal.notifications.models import Delivery, DeliveryState, MailTurn, Notification
from hubportal.notifications.preferences import channels_of
from hubportal.notifications.unsubscribing import unsubscribe_url
from hubportal.notifications.wording import Sentences, details_of, mail_subject, sentences_of

log = structlog.get_logger(__name__)


def send_mail(user_id: int, event_code: str) -> None:
    """Mail what is due to this person of this event, and write down what came of it."""
    claimed = Delivery.objects.claim_mail(user_id, event_code)
    if not claimed:
        return
    wanted = _still_wanted(claimed, user_id, event_code)
    Delivery.record([one for one in claimed if one not in wanted], DeliveryState.DROPPED)
    state = DeliveryState.DROPPED
    if wanted:
        message = _compose(EVENTS[event_code], [one.notification for one in wanted])
        release_connections()
        state = _send(message)
        if state is DeliveryState.WAITING:
            Delivery.record_not_sent(wanted)
        else:
            Delivery.record(wanted, state)
    if state in (DeliveryState.DROPPED, DeliveryState.WAITING):
        MailTurn.objects.filter(user=user_id, event=event_code).update(taken_at=None)


def _still_wanted(claimed: list[Delivery], user_id: int, event_code: str) -> list[Delivery]:
    """Those that this person may still know, and has not stopped meanwhile."""
    event = EVENTS.get(event_code)
    if event is None:
        return []
    teams = {one.notification.team for one in claimed}
    wanted = [team for team in teams if Channel.EMAIL in channels_of(event, [user_id], team)[user_id]]
    allowed = Notification.objects.may_reach(user_id).filter(user__is_active=True, team__in=wanted)
    ids = set(allowed.filter(pk__in=[one.notification_id for one in claimed]).values_list("pk", flat=True))
    return [one for one in claimed if one.notification_id in ids]


def _compose(event: Event, notifications: list[Notification]) -> EmailMessage:
    person: User = notifications[0].user
    stop = unsubscribe_url(person.pk, event.code)
    with timezone.override(zone_of(person.time_zone)):
        told = [(one, sentences_of(one)) for one in notifications]
        context = {
            "person": person,
            "told": [_shown(one, said) for one, said in told],
            "reason": event.reason,
            "stop": stop,
            "choices": settings.SITE_URL + reverse("notifications:choices"),
        }
        subject = mail_subject([said.headline for _one, said in told])
        text = render_to_string("notifications/email/told.txt", context)
    headers = {
        # RFC 2369 and RFC 8058: one click in the mail program stops them.
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # RFC 3834, 5: nobody's absence is announced to it.
        "Auto-Submitted": "auto-generated",
    }
    return EmailMessage(subject, text, to=[person.email], headers=headers)


def _shown(notification: Notification, said: Sentences) -> dict[str, str]:
    return {
        "team": notification.team.name,
        "headline": said.headline,
        "text": said.text,
        "details": details_of(notification),
        "link": settings.SITE_URL + notification.link,
    }


def _send(message: EmailMessage) -> DeliveryState:
    """SENT, FAILED (refused for good), WAITING (certainly not sent) or UNKNOWN."""
    mailer = mailers.default
    try:
        mailer.open()
    except OSError as error:  # smtplib's own errors are such
        log.warning("mail server out of reach", error=type(error).__name__)
        return DeliveryState.WAITING
    try:
        mailer.send_messages([message])
    except OSError as error:
        log.warning("notification not mailed", error=type(error).__name__)
        return _state_after(error)
    else:
        return DeliveryState.SENT
    finally:
        with suppress(OSError):
            mailer.close()


def _state_after(error: OSError) -> DeliveryState:
    """An answer of the server's is a no, for good or for now (RFC 5321, 4.2.1); without one nobody knows."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    else:
        return DeliveryState.UNKNOWN
    return DeliveryState.FAILED if all(500 <= code < 600 for code in codes) else DeliveryState.WAITING
