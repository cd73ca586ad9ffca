"""What each person chose to be told, and by which way. What somebody has not chosen is as the event says."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db import transaction

from hubportal.accounts.models import User
from hubportal.notifications.events import EVENTS, Channel, Event, offered_channels
from hubportal.notifications.models import Preference
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Permission, has_permission

type Choice = tuple[Event, Channel]


def channels_of(event: Event, users: Collection[int], team: Team) -> dict[int, set[Channel]]:
    """By which ways each of these (ids) is told of the event in this team. One query; two where it is told unasked."""
    offered = offered_channels()
    unasked = users if event.unasked is None else _with_permission(team, users, event.unasked)
    channels = {user: set(event.channels).intersection(offered) if user in unasked else set() for user in users}
    chosen = Preference.objects.filter(event=event.code, user__in=users, channel__in=offered)
    for user, channel, wanted in chosen.values_list("user", "channel", "wanted"):
        (channels[user].add if wanted else channels[user].discard)(Channel(channel))
    return channels


def _with_permission(team: Team, users: Collection[int], permission: Permission) -> set[int]:
    members = team.memberships.with_permission(permission).filter(user__in=users)
    return set(members.values_list("user", flat=True))


def offered_events(user: User) -> list[Event]:
    """The events that somebody in their teams is told of, in the order of declaration."""
    roles = _roles_of(user)
    named = [event for event in EVENTS.values() if event.label]
    return [event for event in named if _has_any(roles, event.permission)]


def _roles_of(user: User) -> set[str]:
    return set(Membership.objects.filter(user=user).order_by().values_list("role", flat=True))


def _has_any(roles: set[str], permission: Permission) -> bool:
    return any(has_permission(role, permission) for role in roles)


def _unchosen(user: User, events: Iterable[Event]) -> set[Choice]:
    """What of these the person is told who has chosen nothing."""
    roles = _roles_of(user)
    told = [event for event in events if event.unasked is None or _has_any(roles, event.unasked)]
    return {(event, channel) for event in told for channel in event.channels}


def wanted_choices(user: User, events: Collection[Event]) -> set[Choice]:
    """What of these the person is told, by which way."""
    unchosen = _unchosen(user, events)
    chosen: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for event, channel, wanted in Preference.objects.filter(user=user).values_list("event", "channel", "wanted"):
        chosen[event][channel] = wanted
    return {
        (event, channel)
        for event in events
        for channel in offered_channels()
        if chosen[event.code].get(channel, (event, channel) in unchosen)
    }


@transaction.atomic
def save_choices(user: User, events: list[Event], wanted: set[Choice]) -> None:
    """Remember what differs from what the person is told without choosing, and forget the rest.

    What is told unasked in some of their teams alone, and wanted, is remembered too: then it holds in all of them.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    mine = Preference.objects.filter(user=user, channel__in=offered_channels())
    unchosen = _unchosen(user, events)
    mine.filter(event__in=[event.code for event in events]).delete()
    Preference.objects.bulk_create(
        Preference(user=user, event=event.code, channel=channel, wanted=(event, channel) in wanted)
        for event in events
        for channel in offered_channels()
        if _is_remembered((event, channel), wanted, unchosen)
    )


def _is_remembered(choice: Choice, wanted: set[Choice], unchosen: set[Choice]) -> bool:
    return (choice in wanted) != (choice in unchosen) or (choice in wanted and choice[0].unasked is not None)


def stop(user_id: int, event: str, channel: Channel) -> None:
    """This person is not told of this event by this way any more."""
    Preference.objects.update_or_create(user_id=user_id, event=event, channel=channel, defaults={"wanted": False})
