"""Budgets: how many credits a month may take, and what people ask for beyond that.

Invariants, each with a constraint or a test:

1. A team has at most one budget for each scope and subject.
2. What counts against a budget is what was spent this month (in the team's time zone) and what is reserved now,
   whenever that was reserved. Both are read in one statement, under a lock on the budgets that apply
   (usage/budgets.py), so that of any number of orders at once no more pass than fit.
3. A budget is no record of its own of what was spent: it is the ledger's totals, so it can't drift from them.
"""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models.project import Project

# What fits the column, and more than any account holds.
MAX_BUDGET = 2**31 - 1
# From this share on, in percent, people are warned, unless a budget says otherwise.
WARN_AT = 80


class Scope(models.TextChoices):
    """Whose spending a budget is about."""

    TEAM = "team", _("The whole team")
    # For each person who has no budget of their own, new members included.
    EVERYONE = "everyone", _("Each person")
    PERSON = "person", _("A person")
    PROJECT = "project", _("A project")
    KEY = "key", _("A key")


class Budget(models.Model):
    """Credits that a team, a person, a project or a key may take in a calendar month."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="budgets")
    scope = models.CharField(max_length=10)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.CASCADE, related_name="+")
    credits = models.PositiveIntegerField(validators=[MaxValueValidator(MAX_BUDGET)])
    # A soft one warns, and stops nothing.
    is_hard = models.BooleanField(default=True)
    warn_at = models.PositiveSmallIntegerField(
        default=WARN_AT, validators=[MinValueValidator(1), MaxValueValidator(100)], help_text="percent"
    )
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "scope"],
                condition=Q(scope__in=(Scope.TEAM, Scope.EVERYONE)),
                name="budget_once_a_team",
            ),
            *(
                models.UniqueConstraint(
                    fields=["team", subject], condition=Q(scope=subject), name=f"budget_once_a_{subject}"
                )
                for subject in (Scope.PERSON.value, Scope.PROJECT.value, Scope.KEY.value)
            ),
            models.CheckConstraint(
                condition=Q(scope__in=(Scope.TEAM, Scope.EVERYONE), person=None, project=None, key=None)
                | Q(scope=Scope.PERSON, person__isnull=False, project=None, key=None)
                | Q(scope=Scope.PROJECT, person=None, project__isnull=False, key=None)
                | Q(scope=Scope.KEY, person=None, project=None, key__isnull=False),
                name="budget_has_its_subject",
            ),
            models.CheckConstraint(condition=Q(warn_at__range=(1, 100)), name="budget_warns_at_a_share"),
        ]

    def __str__(self) -> str:
        return f"{self.credits} a month for {self.scope} {self.person or self.project or self.key or self.team}"


class BudgetRequest(models.Model):
    """Somebody's asking for more than a budget lets them have. Answered once, by raising it or not."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    credits = models.PositiveIntegerField(help_text="more, on top of the budget as it was")
    reason = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    is_granted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            # Asking again while nobody has answered is the same asking.
            models.UniqueConstraint(
                fields=["budget", "asked_by"], condition=Q(answered_at=None), name="budget_request_once_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asked_by} asks for {self.credits} more"


class OrderLimit(models.Model):
    """What people of a role, or one person, may order: a person's own limit goes before their role's.

    An empty list allows everything, words that the hub comes to offer tomorrow included.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="order_limits")
    role = models.CharField(max_length=10, blank=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    model_ids = models.JSONField(default=list, db_default=[])
    tiers = models.JSONField(default=list, db_default=[])
    efforts = models.JSONField(default=list, db_default=[])
    pictures_an_hour = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "role"], condition=Q(person=None), name="order_limit_once_a_role"),
            models.UniqueConstraint(fields=["team", "person"], name="order_limit_once_a_person"),
            models.CheckConstraint(
                condition=Q(person=None) & ~Q(role="") | Q(person__isnull=False, role=""),
                name="order_limit_role_or_person",
            ),
        ]

    def __str__(self) -> str:
        return f"What {self.person or self.role} may order"
