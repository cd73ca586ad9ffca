"""Nudges for the worker about the hub and the keys to it."""

import structlog
from django.tasks import task

from hubportal.hub.errors import HubError
from hubportal.keys import notifications
from hubportal.keys.health import check_stale_keys
from hubportal.keys.model_list import read_models

log = structlog.get_logger(__name__)


@task(queue_name="default")
def read_hub() -> None:
    """Once a minute: the model list, and the balance of keys not heard of for a while."""
    try:
        read_models()
    except HubError as error:
        log.warning("models not read", code=error.code)
    check_stale_keys()


@task(queue_name="default")
def warn() -> None:
    """Every five minutes: write to those who look after keys that are about to run short."""
    notifications.warn()
