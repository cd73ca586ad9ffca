"""What each person chose to be told, and by which way. What somebody has not chosen is as the event says."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction

from hubportal.accounts.models import User
from hubportal.notifications.events import EVENTS, Channel, Event, offered_channels
from hubportal.notifications.models import Preference
from hubportal.teams.models import Membership
from hubportal.teams.permissions import has_permission

type Choice = tuple[Event, Channel]


def channels_of(event: Event, users: Collection[int]) -> dict[int, set[Channel]]:
    """By which ways each of these (ids) is told of the event. One query."""
    offered = offered_channels()
    channels = {user: set(event.channels).intersection(offered) for user in users}
    chosen = Preference.objects.filter(event=event.code, user__in=users, channel__in=offered)
    for user, channel, wanted in chosen.values_list("user", "channel", "wanted"):
        (channels[user].add if wanted else channels[user].discard)(Channel(channel))
    return channels


def offered_events(user: User) -> list[Event]:
    """The events that somebody in their teams is told of, in the order of declaration."""
    roles = set(Membership.objects.filter(user=user).order_by().values_list("role", flat=True))
    named = [event for event in EVENTS.values() if event.label]
    return [event for event in named if any(has_permission(role, event.permission) for role in roles)]


def wanted_choices(user: User, events: Iterable[Event]) -> set[Choice]:
    """What of these the person is told, by which way. One query."""
    chosen: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for event, channel, wanted in Preference.objects.filter(user=user).values_list("event", "channel", "wanted"):
        chosen[event][channel] = wanted
    return {
        (event, channel)
        for event in events
        for channel in offered_channels()
        if chosen[event.code].get(channel, channel in event.channels)
    }


@transaction.atomic
def save_choices(user: User, events: list[Event], wanted: set[Choice]) -> None:
    """Remember what differs from what the events say themselves, and forget the rest."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = Preference.objects.filter(user=user, channel__in=offered_channels())
    mine.filter(event__in=[event.code for event in events]).delete()
    Preference.objects.bulk_create(
        Preference(user=user, event=event.code, channel=channel, wanted=(event, channel) in wanted)
        for event in events
        for channel in offered_channels()
        if ((event, channel) in wanted) != (channel in event.channels)
    )


def stop(user_id: int, event: str, channel: Channel) -> None:
    """This person is not told of this event by this way any more."""
    Preference.objects.update_or_create(user_id=user_id, event=event, channel=channel, defaults={"wanted": False})
