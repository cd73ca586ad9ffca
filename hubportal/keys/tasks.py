"""Tasks about the hub and the keys to it.

What asks the hub runs on the queue `looks`, whose threads do nothing else: a hub that is slow delays no picture, and
a key whose answer is slow delays no other, since each has a task of its own.
"""

import uuid

import structlog
from django.tasks import task

from hubportal.hub.errors import HubError
from hubportal.keys import health, model_list, notifications
from hubportal.keys.models import Key

log = structlog.get_logger(__name__)


@task(queue_name="looks")
def read_models() -> None:
    """Once a minute: the hub's model list."""
    try:
        model_list.read_models()
    except HubError as error:
        log.warning("models not read", code=error.code)


@task(queue_name="default")
def check_stale_keys() -> None:
    """Once a minute: find the keys not heard of for a while, and have each checked."""
    for key_id in health.claim_stale_keys():
        check_key.enqueue(str(key_id))


@task(queue_name="looks")
def check_key(key_id: str) -> None:
    """Ask the hub about a key that was claimed, unless somebody has heard of it meanwhile, or it is gone."""
    key = Key.objects.serving().filter(pk=uuid.UUID(key_id), check_lease_until__isnull=False).first()
    if key is not None:
        health.check(key)


@task(queue_name="default")
def send_key_warnings() -> None:
    """Every five minutes: tell those who look after keys of what is new to warn of."""
    notifications.tell_of_warnings()
