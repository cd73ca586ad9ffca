"""Sending what is due, as the worker does it. The rows are the truth; a task (tasks.py) is only a nudge."""

from django.utils import timezone

from hubportal.notifications.mail import send_mail
from hubportal.notifications.models import Delivery

MAILS_PER_ROUND = 20


def anything_to_send() -> bool:
    """Whether something is due, or was left behind by a worker that died."""
    now = timezone.now()
    return Delivery.objects.due(now).exists() or Delivery.objects.interrupted(now).exists()


def deliver() -> bool:
    """Send some of what is due. True while there may be more."""
    Delivery.objects.record_interrupted()
    senders = Delivery.objects.senders(MAILS_PER_ROUND)
    for user, event in senders:
        send_mail(user, event)
    return len(senders) == MAILS_PER_ROUND
