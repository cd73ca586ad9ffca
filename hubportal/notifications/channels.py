"""Acts on a team's channels. Each writes its audit entry."""

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.encryption import DecryptionError, ReencryptionResult, encrypt, encrypted_with, keyring
from hubportal.notifications import tasks
from hubportal.notifications.audit_actions import ChannelAction
from hubportal.notifications.channel_models import ChannelPost, TeamChannel
from hubportal.notifications.notification_events import CHANNEL_ADDED
from hubportal.teams.models import Team

MAX_CHANNELS = 10  # of a team


class TooManyChannelsError(Exception):
    """The team has as many as a team may have."""


@sensitive_variables()
@transaction.atomic
def add_channel(team: Team, name: str, url: str, events: Sequence[str], *, actor: Actor) -> TeamChannel:
    """Have these events (codes) posted there; that it is so is posted first. Raises TooManyChannelsError."""
    team.lock()
    if TeamChannel.objects.filter(team=team).count() >= MAX_CHANNELS:
        raise TooManyChannelsError
    channel = TeamChannel.objects.create_sealed(team, name, url, events, actor.user)
    AuditEntry.objects.record(team, ChannelAction.ADDED, channel, actor=actor, kind=channel.kind)
    ChannelPost.objects.create(
        channel=channel,
        event=CHANNEL_ADDED.code,
        facts={"name": str(actor.user or "")},
        link=reverse("generations:create", args=[team.slug]),
    )
    transaction.on_commit(partial(tasks.deliver.enqueue))
    return channel


@transaction.atomic
def remove_channel(channel: TeamChannel, *, actor: Actor) -> None:
    """Nothing is posted there any more; its address is gone."""
    AuditEntry.objects.record(channel.team, ChannelAction.REMOVED, channel, actor=actor, kind=channel.kind)
    channel.delete()


def check_opens(channel: TeamChannel) -> None:
    """Raises DecryptionError when its sealed address can't be opened."""
    channel.url  # noqa: B018 - opened, and not kept


@sensitive_variables()
def reencrypt_channels() -> ReencryptionResult:
    """Seal every address with the newest keyring entry. The site may run meanwhile."""
    newest, result = next(iter(keyring())), ReencryptionResult()
    for channel in TeamChannel.objects.select_related("team").iterator():
        if encrypted_with(channel.encrypted) == newest:
            result.unchanged += 1
            continue
        try:
            sealed = encrypt(channel.url, channel.identity)
        except DecryptionError as error:
            result.failed.append(f"channel {channel} of {channel.team.slug}: {error}")
            continue
        same = TeamChannel.objects.filter(pk=channel.pk, encrypted=channel.encrypted)
        result.reencrypted += same.update(encrypted=sealed)
    return result
