"""Whether an order fits into every budget that applies to it, and how full each budget is.

A budget is full by what was spent in the team's month and what is reserved, whenever that was reserved. Whoever
submits locks the budgets that apply (`lock_budgets`) and then reads both in one statement. On PostgreSQL that
statement sees what others committed before it began, so of any number of orders at once no more pass than fit;
SQLite has one writer at a time. And since it is one statement, a charge that replaces a reservation meanwhile is
counted once.

An order is paid with one key as a whole, which is chosen when it is sent: budgets of keys are looked at once more then,
under the lock on the keys. Until then what waits for a key is taken as if it were sent now, the oldest first.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from django.db.models import Q, QuerySet

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.teams.models import Team
from hubportal.usage.budget_sums import USE_BY_PERSON, USE_OF_PERSON, Sums
from hubportal.usage.models import Budget, Project, Reservation, Scope, today
from hubportal.usage.models.totals import NO_PROJECT


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """A budget, and what was `spent` of it this month and is `reserved` (credits).

    subject  the id of whom or what it is about: a person's, a project's or a key's; None for the team
    """

    budget: Budget
    spent: int
    reserved: int
    subject: int | uuid.UUID | None = None

    @property
    def taken(self) -> int:
        return self.spent + self.reserved

    @property
    def left(self) -> int:
        """Credits that one more order may cost; 0 also where the budget was lowered under what is taken."""
        return max(self.budget.credits - self.taken, 0)

    @property
    def is_closed(self) -> bool:
        """Whether it lets nothing through, whatever the month."""
        return self.budget.is_hard and not self.budget.credits

    @property
    def is_near(self) -> bool:
        """Whether so much is taken that people are to be warned."""
        return self.taken * 100 >= self.budget.credits * self.budget.warn_at

    @property
    def is_reached(self) -> bool:
        return self.taken >= self.budget.credits

    def has_room_for(self, price: int | None) -> bool:
        """Whether an order of this price (credits) still fits. What has no price known takes nothing of it."""
        return not self.is_closed and self.taken + (price or 0) <= self.budget.credits

    def with_reserved(self, credits: int) -> "BudgetUse":
        """The same after so many more were promised."""
        return replace(self, reserved=self.reserved + credits)


@dataclass(frozen=True, slots=True)
class AppliedBudgets:
    """The budgets that apply to a person's orders in a team, hard and soft.

    general     those of the team and of the person
    projects    by the project's id: each that the orders may be for
    keys        by the key's id
    unassigned  credits reserved for each order that has no key yet, the oldest first
    """

    general: tuple[BudgetUse, ...] = ()
    projects: dict[uuid.UUID, BudgetUse] = field(default_factory=dict)
    keys: dict[uuid.UUID, BudgetUse] = field(default_factory=dict)
    unassigned: Sequence[int] = ()

    def without_room(
        self, price: int | None, project: Project | None, usable: Collection[uuid.UUID]
    ) -> list[BudgetUse]:
        """The hard budgets that an order of this price doesn't fit into; empty when it does.

        `usable` are the keys it may be sent with; of theirs it needs one alone.
        """
        uses = [use for use in self.applying(project) if use.budget.is_hard]
        key = self.key_limit(usable)
        return [use for use in (*uses, *([key] if key else [])) if not use.has_room_for(price)]

    def applying(self, project: Project | None) -> Iterator[BudgetUse]:
        """Those that an order for this project counts against, whatever key it is sent with."""
        yield from self.general
        if project and project.pk in self.projects:
            yield self.projects[project.pk]

    def key_has_room(self, key_id: uuid.UUID, price: int | None) -> bool:
        """Whether the key's budget lets an order of this price be sent with it."""
        use = self.keys.get(key_id)
        return use is None or not use.budget.is_hard or use.has_room_for(price)

    def key_limit(self, usable: Collection[uuid.UUID]) -> BudgetUse | None:
        """The key with the most room, as if what waits were reserved on the keys already.

        `usable` are in the order in which they are tried. None where an order may go with a key without a hard budget.
        """
        capped = [use for pk in usable if (use := self.keys.get(pk)) and use.budget.is_hard]
        if not capped or len(capped) < len(usable):
            return None
        for credits in self.unassigned:
            # What fits none takes what the roomiest has, so that a smaller order doesn't overtake it for good.
            place = next((at for at, use in enumerate(capped) if use.left >= credits), _roomiest(capped))
            capped[place] = capped[place].with_reserved(min(credits, capped[place].left))
        return capped[_roomiest(capped)]


def _roomiest(uses: Sequence[BudgetUse]) -> int:
    return max(range(len(uses)), key=lambda place: uses[place].left)


NO_BUDGETS = AppliedBudgets()


def first_of_month(team: Team) -> date:
    """The first day of the month it is in the team's time zone."""
    return today(team.time_zone).replace(day=1)


def next_month(first: date) -> date:
    """The day that a budget of this month starts anew."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def lock_budgets(team: Team, person: User, project: Project | None) -> AppliedBudgets:
    """What applies to an order, locked until the transaction ends: nobody else reserves anything there meanwhile.

    All who lock them do so in the order of their ids, so that no two wait for each other.
    """
    found = _LOCK_APPLYING.all(team=team.pk, person=person.pk, project=project.pk if project else NO_PROJECT)
    return _read(team, person, found)


def budgets_of(team: Team, person: User) -> AppliedBudgets:
    """What applies to the person's orders now, for whatever project (which come along). Nothing is locked."""
    return _read(team, person, _FIND_APPLYING.all(team=team.pk, person=person.pk))


def key_budgets_of(team: Team, besides: uuid.UUID | None = None) -> AppliedBudgets:
    """The budgets of the team's keys alone, as if nothing were reserved for the generation `besides`.

    Whoever chooses a key by them has the keys locked.
    """
    found = _FIND_OF_KEYS.all(team=team.pk)
    # Nobody has this number: what one person spent is not asked for.
    budgets = _read(team, User(pk=0), found)
    own = Reservation.objects.filter(pk=besides, key__in=budgets.keys).first() if budgets.keys and besides else None
    if own is None or own.key_id is None:
        return budgets
    keys = budgets.keys | {own.key_id: budgets.keys[own.key_id].with_reserved(-own.credits)}
    return replace(budgets, keys=keys)


def uses_of(team: Team, budgets: Iterable[Budget], people: Iterable[int]) -> list[BudgetUse]:
    """How full each of these is, in one statement. One for each person gives one line for each of `people`."""
    return _uses_in(first_of_month(team), team, budgets, people)


def spent_in(month: date, team: Team, budgets: Iterable[Budget], people: Iterable[int]) -> list[BudgetUse]:
    """The same of what was spent in a month that is over (its first day): nothing is reserved in it any more."""
    return [replace(use, reserved=0) for use in _uses_in(month, team, budgets, people)]


def _uses_in(month: date, team: Team, budgets: Iterable[Budget], people: Iterable[int]) -> list[BudgetUse]:
    sums = Sums(USE_BY_PERSON.rows(team=team.pk, month=month))
    own = {budget.person_id for budget in budgets if budget.scope == Scope.PERSON}
    return [
        _use(sums, budget, subject)
        for budget in budgets
        for subject in (
            [one for one in people if one not in own] if budget.scope == Scope.EVERYONE else [_subject(budget)]
        )
    ]


def _read(team: Team, person: User, budgets: list[Budget]) -> AppliedBudgets:
    if not budgets:
        return NO_BUDGETS
    has_own = any(budget.scope == Scope.PERSON for budget in budgets)
    sums = Sums(USE_OF_PERSON.rows(team=team.pk, person=person.pk, month=first_of_month(team)), person.pk)
    keys = {one.key_id: _use(sums, one, one.key_id) for one in budgets if one.key_id}
    waiting = sums.reserved[Scope.KEY.value, None]
    general = (
        _use(sums, budget, None if budget.scope == Scope.TEAM else person.pk)
        for budget in budgets
        if budget.scope in (Scope.TEAM, Scope.PERSON) or (budget.scope == Scope.EVERYONE and not has_own)
    )
    return AppliedBudgets(
        general=tuple(general),
        projects={one.project_id: _use(sums, one, one.project_id) for one in budgets if one.project_id},
        keys=keys,
        # With one key there is one place for all of it.
        unassigned=Reservation.objects.unassigned_credits(team) if waiting and len(keys) > 1 else (waiting,),
    )


def _subject(budget: Budget) -> int | uuid.UUID | None:
    return budget.person_id or budget.project_id or budget.key_id


def _use(sums: Sums, budget: Budget, subject: int | uuid.UUID | None) -> BudgetUse:
    scope = Scope.PERSON if budget.scope == Scope.EVERYONE else Scope(budget.scope)
    spent, reserved = sums.of(scope, subject)
    return BudgetUse(budget, spent, reserved, subject)


# The queries, each turned into SQL once: the first runs with every order, whether or not a team has any budget.


def _applying(of_project: Q) -> QuerySet[Budget]:
    of_all = Q(scope__in=(Scope.TEAM, Scope.EVERYONE, Scope.KEY))
    of_person = Q(scope=Scope.PERSON, person=Parameter("person", User, "pk"))
    return Budget.objects.filter(of_all | of_person | of_project, team=Parameter("team", Team, "pk")).order_by("pk")


_LOCK_APPLYING: CompiledQuery[Budget] = CompiledQuery(
    lambda: _applying(Q(scope=Scope.PROJECT, project=Parameter("project", Project, "pk"))).select_for_update(
        no_key=True
    )
)
_FIND_APPLYING: CompiledQuery[Budget] = CompiledQuery(
    lambda: _applying(Q(scope=Scope.PROJECT)).select_related("project")
)
_FIND_OF_KEYS: CompiledQuery[Budget] = CompiledQuery(
    lambda: Budget.objects.filter(team=Parameter("team", Team, "pk"), scope=Scope.KEY)
)
