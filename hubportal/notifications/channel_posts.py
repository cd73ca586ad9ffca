"""Posting to a team's channel.

A post is tried once: what it goes by doesn't say whether something left before it failed, and a room full of people is
not told twice. That it failed is told on the team's page of channels.
"""

import json
import subprocess
import sys

import structlog
from django.conf import settings
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from hubportal.connections import release_connections
from hubportal.encryption import DecryptionError
from hubportal.notifications import channel_program
from hubportal.notifications.channel_models import POST_MAX_AGE, ChannelPost
from hubportal.notifications.models import DeliveryState
from hubportal.notifications.wording import words_for

log = structlog.get_logger(__name__)

# Servers on this machine, in tests: "ip:port".
PRIVATE_ADDRESSES: frozenset[str] = frozenset()
TIMEOUT = 60  # seconds
PROBLEMS = {channel_program.REFUSED: "refused", channel_program.UNREADABLE: "unreadable"}


def send_post(pk: int) -> None:
    """Post one, and write down what came of it."""
    post = ChannelPost.objects.claim(pk)
    if post is None:
        return
    if post.created_at < timezone.now() - POST_MAX_AGE:
        post.record(DeliveryState.DROPPED)
        return
    try:
        told = _compose(post)
    except DecryptionError:
        post.record(DeliveryState.FAILED, "sealed")
        return
    release_connections()
    post.record(*_run(told))


@sensitive_variables()
def _compose(post: ChannelPost) -> str:
    said = words_for(post.event, post.facts)
    team, link = post.channel.team.name, settings.SITE_URL + post.link
    body = "\n".join(part for part in (said.text, link) if part)
    private = sorted(PRIVATE_ADDRESSES)
    return json.dumps({"url": post.channel.url, "title": f"{team}: {said.headline}", "body": body, "private": private})


@sensitive_variables()
def _run(told: str) -> tuple[DeliveryState, str]:
    """What came of it, and the channel's problem. The address goes by a pipe: arguments can be read by others."""
    command = [sys.executable, "-m", channel_program.__name__]
    # Nothing of the site's environment, in which its secrets are.
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(settings.BASE_DIR), "LANG": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and nothing of what people typed among its arguments
            command, input=told.encode(), env=environment, capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        return DeliveryState.UNKNOWN, "timeout"
    if done.returncode == channel_program.SENT:
        return DeliveryState.SENT, ""
    problem = PROBLEMS.get(done.returncode, "failed")
    log.warning("channel not told", problem=problem, status=done.returncode)
    return DeliveryState.FAILED, problem
