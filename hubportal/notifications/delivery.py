"""Sending what is due, as the worker does it. The rows are the truth; a task (tasks.py) is only a nudge."""

from django.utils import timezone

from hubportal.notifications.events import Channel
from hubportal.notifications.mail import send_mail
from hubportal.notifications.models import Delivery
from hubportal.notifications.push import send_push

MAILS_PER_ROUND, PUSHES_PER_ROUND = 20, 50


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
    due = Delivery.objects.due(timezone.now()).filter(channel=Channel.PUSH).order_by("due_at")
    pushes = list(due.values_list("pk", flat=True)[:PUSHES_PER_ROUND])
    for pk in pushes:
        send_push(pk)
    return len(senders) == MAILS_PER_ROUND or len(pushes) == PUSHES_PER_ROUND
