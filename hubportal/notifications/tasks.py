"""Nudges for the worker. Each may run twice or never.

Sending runs on the queue `looks`, whose threads wait for others' machines anyway: a mail server that hangs delays no
picture.
"""

from django.tasks import task

from hubportal.notifications import delivery
from hubportal.notifications.channel_models import ChannelPost
from hubportal.notifications.models import Notification


@task(queue_name="looks")
def deliver() -> None:
    """Send what is due. On at once while there is more."""
    if delivery.deliver():
        deliver.enqueue()


@task(queue_name="default")
def forget_old() -> None:
    """Nightly, and on at once while there is more: forget what people were told long ago."""
    ChannelPost.objects.forget_old()
    if Notification.objects.forget_old():
        forget_old.enqueue()
