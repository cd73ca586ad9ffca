"""What people may order: which models, tiers and efforts, and how many pictures an hour.

A person's own limit goes before their role's, as a whole. Acts take no request; whether the actor's role allows them is
`access.team_view`'s to check. Each writes its audit entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import OrderLimit

# More than anybody orders by hand, and what the column holds.
MAX_PICTURES_AN_HOUR = 10_000


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be ordered; an empty list allows everything."""

    models: Sequence[str] = ()
    tiers: Sequence[str] = ()
    efforts: Sequence[str] = ()
    pictures_an_hour: int | None = None


def limit_of(team: Team, person: User) -> OrderLimit | None:
    """The limit that holds for this person in the team; None where there is none."""
    return _FIND.first(team=team.pk, person=person.pk)


def lock_limit(limit: OrderLimit) -> None:
    """Let whoever else orders under this limit wait until the transaction ends: of them no more pictures pass."""
    OrderLimit.objects.select_for_update(no_key=True).filter(pk=limit.pk).first()


@transaction.atomic
def set_limit(team: Team, who: User | Role, allowed: Allowed, *, actor: Actor) -> bool:
    """Let a person, or everybody in a role without a limit of their own, order this alone. False when it is so already.

    Raises ValueError for a number of pictures that is none.
    """
    pictures = allowed.pictures_an_hour
    if pictures is not None and not 0 <= pictures <= MAX_PICTURES_AN_HOUR:
        raise ValueError(pictures)
    values = {
        "model_ids": list(allowed.models),
        "tiers": list(allowed.tiers),
        "efforts": list(allowed.efforts),
        "pictures_an_hour": pictures,
    }
    if not any(value not in (None, []) for value in values.values()):
        return lift_limit(team, who, actor=actor)
    limit = _get_or_create(team, who, values)
    if limit is None:
        return False
    facts = {name: ", ".join(value) if isinstance(value, list) else value for name, value in values.items()}
    given = {name: value for name, value in facts.items() if value not in (None, "")}
    AuditEntry.objects.record(team, UsageAction.LIMIT_SET, _named(who), actor=actor, **given)
    return True


@transaction.atomic
def lift_limit(team: Team, who: User | Role, *, actor: Actor) -> bool:
    """Let them order anything again; a person what their role may. False when there was no limit."""
    deleted, _rows = OrderLimit.objects.filter(team=team, **_subject(who)).delete()
    if deleted:
        AuditEntry.objects.record(team, UsageAction.LIMIT_LIFTED, _named(who), actor=actor)
    return bool(deleted)


def _get_or_create(team: Team, who: User | Role, values: Mapping[str, object]) -> OrderLimit | None:
    """The limit as it is now; None when it was so already."""
    try:
        with transaction.atomic():
            limit, is_new = OrderLimit.objects.select_for_update(of=("self",), no_key=True).get_or_create(
                team=team, **_subject(who), defaults=values
            )
    except IntegrityError:
        # Somebody set the first one in this very moment.
        limit, is_new = OrderLimit.objects.select_for_update(no_key=True).get(team=team, **_subject(who)), False
    if is_new:
        return limit
    changed = [name for name, value in values.items() if getattr(limit, name) != value]
    for name in changed:
        setattr(limit, name, values[name])
    limit.save(update_fields=changed)
    return limit if changed else None


def _subject(who: User | Role) -> dict[str, object]:
    return {"person": who, "role": ""} if isinstance(who, User) else {"person": None, "role": who}


def _named(who: User | Role) -> object:
    return who if isinstance(who, User) else who.label


# Runs with every order and every form.
_FIND: CompiledQuery[OrderLimit] = CompiledQuery(
    lambda: OrderLimit.objects.filter(
        Q(person=Parameter("person", User, "pk"))
        | Q(
            person=None,
            role__in=Subquery(
                Membership.objects.filter(team=OuterRef("team"), user=Parameter("person", User, "pk")).values("role")
            ),
        ),
        team=Parameter("team", Team, "pk"),
    ).order_by(F("person").asc(nulls_last=True))[:1]
)
