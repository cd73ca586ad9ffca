"""Writing down what people are to be told, in the transaction of the act it tells of."""

from collections.abc import Iterable
from functools import partial

from django.db import transaction
from django.utils import timezone

from hubportal.audit.actor import SITE, Actor
from hubportal.notifications import tasks
from hubportal.notifications.channel_models import ChannelPost, TeamChannel
from hubportal.notifications.events import Channel, Event, Facts
from hubportal.notifications.models import Delivery, Notification, PushSubscription
from hubportal.notifications.preferences import channels_of
from hubportal.teams.models import Team
from hubportal.teams.permissions import Permission


@transaction.atomic(savepoint=False)
def notify(
    event: Event,
    *,
    team: Team,
    to: Permission | Iterable[int],
    about: Facts,
    link: str,
    once: str = "",
    actor: Actor = SITE,
) -> None:
    """Tell people of something: those with these ids, or all of the team whose role has this permission.

    `about` is facts as JSON has them, of which the event makes sentences; never a secret, and nothing that who is told
    may not know. `link` is a path of this site. With `once`, each is told of this occasion one time only. Nobody is
    told of what they did themselves. One query where nobody wants to be told, seven at most.
    """
    if event.for_team:
        _post_to_channels(event, team, about, link, once)
    users = _members(team, to) if isinstance(to, Permission) else set(to)
    if actor.user:
        users.discard(actor.user.pk)
    channels = channels_of(event, users, team)
    _leave_out_who_has_no_browser(channels)
    now = timezone.now()
    told = [
        Notification(
            team=team,
            user_id=user,
            event=event.code,
            permission=event.permission,
            facts=dict(about),
            link=link,
            once=once,
            in_bar=Channel.BAR in channels[user],
            read_at=None if Channel.BAR in channels[user] else now,
        )
        for user in sorted(users)
        if channels[user]
    ]
    deliveries = [
        Delivery(notification=notification, channel=channel)
        for notification in _save(told)
        for channel in sorted(channels[notification.user_id] - {Channel.BAR})
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        transaction.on_commit(partial(tasks.deliver.enqueue))


def _post_to_channels(event: Event, team: Team, about: Facts, link: str, once: str) -> None:
    """One query where the team has no channel that wants it."""
    channels = [one for one in TeamChannel.objects.filter(team=team) if event.code in one.events]
    if channels:
        posts = [
            ChannelPost(channel=one, event=event.code, facts=dict(about), link=link, once=once) for one in channels
        ]
        ChannelPost.objects.bulk_create(posts, ignore_conflicts=True)
        transaction.on_commit(partial(tasks.deliver.enqueue))


def _leave_out_who_has_no_browser(channels: dict[int, set[Channel]]) -> None:
    """One query where somebody wants it in their browsers."""
    wanting = {user for user, wanted in channels.items() if Channel.PUSH in wanted}
    if wanting:
        subscribed = PushSubscription.objects.filter(user__in=wanting).order_by().values_list("user", flat=True)
        for user in wanting.difference(subscribed.distinct()):
            channels[user].discard(Channel.PUSH)


def _members(team: Team, permission: Permission) -> set[int]:
    members = team.memberships.with_permission(permission).filter(user__is_active=True)
    return set(members.values_list("user", flat=True))


def _save(told: list[Notification]) -> list[Notification]:
    """Write them. Returns those that are new: who was told of this occasion before is not among them."""
    if not told or not told[0].once:
        return Notification.objects.bulk_create(told)
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    new = set(Notification.objects.filter(pk__in=[one.pk for one in told]).values_list("pk", flat=True))
    return [one for one in told if one.pk in new]
