"""Sending what is due, as the worker does it. The rows are the truth; a task (tasks.py) is only a nudge."""

from django.utils import timezone

from hubportal.notifications.channel_models import ChannelPost
from hubportal.notifications.channel_posts import send_post
from hubportal.notifications.events import Channel
from hubportal.notifications.mail import send_mail
from hubportal.notifications.models import Delivery
from hubportal.notifications.push import send_push

MAILS_PER_ROUND, PUSHES_PER_ROUND, POSTS_PER_ROUND = 20, 50, 10


def anything_to_send() -> bool:
    """Whether something is due, or was left behind by a worker that died."""
    now = timezone.now()
    rows = (Delivery.objects, ChannelPost.objects)
    return any(one.due(now).exists() or one.interrupted(now).exists() for one in rows)


def deliver() -> bool:
    """Send some of what is due. True while there may be more."""
    Delivery.objects.record_interrupted()
    ChannelPost.objects.record_interrupted()
    senders = Delivery.objects.senders(MAILS_PER_ROUND)
    for user, event in senders:
        send_mail(user, event)
    due = Delivery.objects.due(timezone.now()).filter(channel=Channel.PUSH).order_by("due_at")
    pushes = list(due.values_list("pk", flat=True)[:PUSHES_PER_ROUND])
    for pk in pushes:
        send_push(pk)
    posts = list(
        ChannelPost.objects.due(timezone.now()).order_by("due_at").values_list("pk", flat=True)[:POSTS_PER_ROUND]
    )
    for pk in posts:
        send_post(pk)
    return len(posts) == POSTS_PER_ROUND or len(senders) == MAILS_PER_ROUND or len(pushes) == PUSHES_PER_ROUND
