"""Acts on budgets: setting and lifting them, asking for more, and answering that; and what people are told of them.

Whether the actor's role allows it is `access.team_view`'s to check. Each act writes its audit entry. None locks the
team: whoever submits holds a budget and then refers to the team, so that way round they would wait for each other.
What is checked of an order is budget_check.py's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Permission, Role
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.budget_check import BudgetUse, lock_budgets
from hubportal.usage.models import BilledGeneration, Budget, BudgetRequest, Project, Scope
from hubportal.usage.models.budget import MAX_BUDGET, WARN_AT
from hubportal.usage.notification_events import tell_answered, tell_asked, tell_near, tell_reached


class CreditsOutOfRange(Exception):
    """A budget has from 0 to MAX_BUDGET credits, and what is asked for is at least one more."""


class SubjectElsewhere(Exception):
    """The project or key belongs to another team, or the person is in none of this team's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose spending a budget is about: the one that its scope names."""

    scope: Scope
    person: User | None = None
    project: Project | None = None
    key: Key | None = None

    @classmethod
    def of(cls, about: User | Project | Key | None) -> "Subject":
        """A person's, a project's or a key's; the whole team's where it is about none of them."""
        if isinstance(about, User):
            return cls(Scope.PERSON, person=about)
        if isinstance(about, Project):
            return cls(Scope.PROJECT, project=about)
        return cls(Scope.KEY, key=about) if isinstance(about, Key) else cls(Scope.TEAM)

    @property
    def fields(self) -> dict[str, object]:
        """As the columns of a Budget."""
        return {"scope": self.scope, "person": self.person, "project": self.project, "key": self.key}

    def is_in(self, team: Team) -> bool:
        """Whether the team may set a budget for it. A person who left keeps theirs, and gets no new one."""
        if self.person:
            return Membership.objects.filter(team=team, user=self.person).exists()
        about = self.project or self.key
        return about is None or about.team_id == team.pk


@transaction.atomic
def set_budget(
    team: Team, subject: Subject, credits: int, *, is_hard: bool = True, warn_at: int = WARN_AT, actor: Actor
) -> bool:
    """Let the subject take so many credits a month, from now on. False when it is so already.

    Fewer than are taken already may be set: then nothing new goes, and what is under way goes on.

    is_hard  stops orders that don't fit; a soft one only warns
    warn_at  the share from which people are warned, in percent

    Raises CreditsOutOfRange and SubjectElsewhere; ValueError for a share that is none.
    """
    if not 0 <= credits <= MAX_BUDGET:
        raise CreditsOutOfRange
    if not 1 <= warn_at <= 100:
        raise ValueError(warn_at)
    budget = _locked(team, subject)
    if budget is None and not subject.is_in(team):
        raise SubjectElsewhere
    values = {"credits": credits, "is_hard": is_hard, "warn_at": warn_at}
    budget, is_new = (budget, False) if budget else _create(team, subject, values)
    before = {} if is_new else {name: getattr(budget, name) for name in values}
    if before == values:
        return False
    _change(budget, values)
    facts = {"before": before["credits"], "after": credits} if before else {"credits": credits}
    AuditEntry.objects.record(
        team, UsageAction.BUDGET_SET, named(budget), actor=actor, **facts, hard=is_hard, warn_at=warn_at
    )
    return True


@transaction.atomic
def lift_budget(team: Team, subject: Subject, *, actor: Actor) -> bool:
    """Let it be without a budget; what was asked of it goes too. False when it had none."""
    budget = _locked(team, subject)
    if budget is None:
        return False
    AuditEntry.objects.record(team, UsageAction.BUDGET_LIFTED, named(budget), actor=actor, credits=budget.credits)
    budget.delete()
    return True


@transaction.atomic
def ask_for_more(budget: Budget, credits: int, reason: str = "", *, actor: Actor) -> BudgetRequest:
    """Ask the admins for so many credits a month more.

    Asked again before it is answered, it is the same request, with what is asked now. Raises CreditsOutOfRange.
    """
    if not 1 <= credits <= MAX_BUDGET:
        raise CreditsOutOfRange
    said = {"credits": credits, "reason": " ".join(reason.replace("\0", "").split())[:300]}
    asked, is_new = BudgetRequest.objects.get_or_create(
        budget=budget, asked_by=actor.person, answered_at=None, defaults=said
    )
    if not is_new:
        BudgetRequest.objects.filter(pk=asked.pk, answered_at=None).update(**said)
        return asked
    AuditEntry.objects.record(budget.team, UsageAction.BUDGET_ASKED, named(budget), actor=actor, more=credits)
    tell_asked(asked)
    return asked


@transaction.atomic
def answer_request(asked: BudgetRequest, *, granted: int | None, actor: Actor) -> bool:
    """Raise the budget by so many credits, or decline (None). False when somebody has answered already.

    A budget for each person is raised for the one who asked alone: they get their own. Raises CreditsOutOfRange.
    """
    if granted is not None and not 1 <= granted <= MAX_BUDGET:
        raise CreditsOutOfRange
    # The budget first, as lift_budget does, which deletes its requests after it.
    rows = Budget.objects.select_for_update(of=("self",), no_key=True).select_related("team")
    budget = rows.filter(pk=asked.budget_id).first()
    if budget is None:
        return False
    values = {"answered_at": timezone.now(), "answered_by": actor.user, "is_granted": granted is not None}
    if not BudgetRequest.objects.filter(pk=asked.pk, answered_at=None).update(**values):
        return False
    asked.refresh_from_db()
    if granted is not None:
        _raise(budget, asked.asked_by, granted)
    action = UsageAction.BUDGET_DECLINED if granted is None else UsageAction.BUDGET_GRANTED
    facts = {"asked_by": str(asked.asked_by)} | ({} if granted is None else {"more": granted})
    AuditEntry.objects.record(budget.team, action, named(budget), actor=actor, **facts)
    tell_answered(asked)
    return True


def named(budget: Budget) -> object:
    """What a budget is called in the audit log: whom or what it is about."""
    if budget.scope == Scope.EVERYONE:
        return _("Each person")
    return budget.person or budget.project or budget.key or budget.team


def who_can_raise(team: Team) -> list[User]:
    """Those who may raise a budget, the mightiest first."""
    able = team.memberships.with_permission(Permission.MANAGE_BUDGETS)
    found = able.select_related("user").order_by("pk")
    mightiest_first = sorted(found, key=lambda membership: list(Role).index(Role(membership.role)))
    return [membership.user for membership in mightiest_first]


def tell_crossings(uses: Iterable[BudgetUse], price: int) -> None:
    """Tell of each budget that an order of this price has just brought near its end, or to it.

    `uses` are the budgets as they were before it, locked.
    """
    for before in uses:
        after = before.with_reserved(price)
        if after.is_reached and not before.is_reached:
            tell_reached(after)
        elif after.is_near and not before.is_near:
            tell_near(after)


def tell_overcharged(work: BilledGeneration, credits: int) -> None:
    """Tell of each budget that so many credits, beyond what was reserved, have just brought near its end, or to it.

    Called in the transaction that booked them. The budgets are locked, as for an order, so that of several at once one
    sees what they come to.
    """
    project = Project(pk=work.project_id) if work.project_id else None
    applied = lock_budgets(Team(pk=work.team_id, time_zone=work.time_zone), User(pk=work.author_id), project)
    of_key = [applied.keys[work.key_id]] if work.key_id in applied.keys else []
    tell_crossings([use.with_reserved(-credits) for use in (*applied.applying(project), *of_key)], credits)


# Rows ------------------------------------------------------------------------------------------------------------


def _locked(team: Team, subject: Subject) -> Budget | None:
    rows = Budget.objects.select_for_update(of=("self",), no_key=True).select_related("person", "project", "key")
    return rows.filter(team=team, **subject.fields).first()


def _create(team: Team, subject: Subject, values: Mapping[str, object]) -> tuple[Budget, bool]:
    """A new one, or that of somebody who set one in this very moment."""
    try:
        with transaction.atomic():
            return Budget.objects.create(team=team, **subject.fields, **values), True
    except IntegrityError:
        found = _locked(team, subject)
        if found is None:
            raise
        return found, False


def _change(budget: Budget, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(budget, name, value)
    budget.changed_at = timezone.now()
    budget.save(update_fields=[*values, "changed_at"])


def _raise(budget: Budget, person: User, more: int) -> None:
    if budget.scope == Scope.EVERYONE:
        own = Subject.of(person)
        values: dict[str, object] = {name: getattr(budget, name) for name in ("credits", "is_hard", "warn_at")}
        budget = _locked(budget.team, own) or _create(budget.team, own, values)[0]
    _change(budget, {"credits": min(budget.credits + more, MAX_BUDGET)})
