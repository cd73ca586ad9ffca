"""The forms of the budgets page. They parse and present; what may be done is decided by the acts."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hubportal.accounts.models import User
from hubportal.hub.image_models import ImageModel
from hubportal.hub.prices import AUTO
from hubportal.keys.models import Key
from hubportal.keys.wording.offer import effort_name, tier_name
from hubportal.teams.models import Team
from hubportal.teams.permissions import Permission, Role, has_permission
from hubportal.usage.budgets import Subject
from hubportal.usage.models import Budget, Project, Scope
from hubportal.usage.models.budget import MAX_BUDGET, WARN_AT
from hubportal.usage.order_limits import MAX_PICTURES_AN_HOUR, Allowed

type Choices = list[tuple[Any, Any]]


def subject_value(budget: Budget) -> str:
    """What a budget's subject is called in a form: `team`, `everyone`, `person:7`, `project:<id>`, `key:<id>`."""
    pk = budget.person_id or budget.project_id or budget.key_id
    return f"{budget.scope}:{pk}" if pk else budget.scope


class SubjectField(forms.ChoiceField):
    """Whose budget it is, of what the team has; cleaned, a Subject."""

    def offer(self, team: Team) -> None:
        self.team = team
        members = User.objects.filter(memberships__team=team).order_by("name", "email")
        projects, keys = Project.objects.open().filter(team=team).by_name(), Key.objects.serving().filter(team=team)
        groups: Choices = [
            (Scope.TEAM.value, Scope.TEAM.label),
            (Scope.EVERYONE.value, _("Each person without a budget of their own")),
            (_("People"), [(f"person:{one.pk}", one.display_name) for one in members]),
            (_("Projects"), [(f"project:{one.pk}", one.name) for one in projects]),
            (_("Keys"), [(f"key:{one.pk}", str(one)) for one in keys]),
        ]
        self.choices = [(value, words) for value, words in groups if words != []]

    def valid_value(self, value: Any) -> bool:
        """A budget that is there may be changed too when its project is archived, or its person has left."""
        return super().valid_value(value) or self._of_budget(str(value)) is not None

    def clean(self, value: Any) -> Subject | None:
        said = super().clean(value)
        scope, _colon, pk = str(said).partition(":")
        if not said or not pk:
            return Subject(Scope(scope)) if said else None
        if budget := self._of_budget(str(said)):
            return Subject(Scope(scope), person=budget.person, project=budget.project, key=budget.key)
        found: Any = {"person": User, "project": Project, "key": Key}[scope]
        return Subject.of(found.objects.get(pk=pk))

    def _of_budget(self, value: str) -> Budget | None:
        scope, _colon, pk = value.partition(":")
        if scope not in (Scope.PERSON, Scope.PROJECT, Scope.KEY) or not _is_id(scope, pk):
            return None
        rows = Budget.objects.select_related("person", "project", "key")
        return rows.filter(team=self.team, scope=scope, **{scope: pk}).first()


def _is_id(scope: str, pk: str) -> bool:
    if scope == Scope.PERSON:
        return pk.isascii() and pk.isdigit() and len(pk) < 10
    try:
        uuid.UUID(pk)
    except ValueError:
        return False
    return True


class BudgetForm(forms.Form):
    """A budget to set. Valid, its `about` is a Subject."""

    about = SubjectField(label=_("For"))
    credits = forms.IntegerField(
        label=_("Credits a month"),
        min_value=0,
        max_value=MAX_BUDGET,
        help_text=_("With 0 nothing new can be made."),
        error_messages={"required": _("Say how many credits a month."), "invalid": _("Write a whole number.")},
    )
    kind = forms.ChoiceField(
        label=_("When it is used up"),
        choices=[("hard", _("Stop new orders")), ("soft", _("Only warn"))],
        initial="hard",
    )
    warn_at = forms.IntegerField(label=_("Warn from, in percent"), min_value=1, max_value=100, initial=WARN_AT)

    def __init__(self, team: Team, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["about"]
        assert isinstance(field, SubjectField)  # noqa: S101 - for the types
        field.offer(team)


class RequestForm(forms.Form):
    """How many credits more somebody asks for, and why."""

    credits = forms.IntegerField(
        label=_("Credits more a month"),
        min_value=1,
        max_value=MAX_BUDGET,
        error_messages={"required": _("Say how many credits more you need."), "invalid": _("Write a whole number.")},
    )
    reason = forms.CharField(
        label=_("What for"), required=False, max_length=300, widget=forms.TextInput(attrs={"dir": "auto"})
    )


class AnswerForm(forms.Form):
    """`decline`, or so many credits more as the page proposed, or somebody changed."""

    decline = forms.BooleanField(required=False)
    credits = forms.IntegerField(label=_("Credits more a month"), min_value=1, max_value=MAX_BUDGET, required=False)

    def clean(self) -> None:
        if not self.cleaned_data.get("decline") and not self.errors and self.cleaned_data.get("credits") is None:
            self.add_error("credits", _("Say by how many credits to raise it."))

    @property
    def granted(self) -> int | None:
        """Credits; None to decline."""
        return None if self.cleaned_data["decline"] else self.cleaned_data["credits"]


class LimitForm(forms.Form):
    """What a role or a person may order. Valid, its `who` is a Role or a User; nothing chosen lifts the limit."""

    who = forms.ChoiceField(label=_("For"))
    models = forms.MultipleChoiceField(label=_("Models"), required=False, widget=forms.CheckboxSelectMultiple)
    tiers = forms.MultipleChoiceField(label=_("Resolutions"), required=False, widget=forms.CheckboxSelectMultiple)
    efforts = forms.MultipleChoiceField(label=_("Efforts"), required=False, widget=forms.CheckboxSelectMultiple)
    pictures = forms.IntegerField(
        label=_("Pictures an hour"),
        required=False,
        min_value=0,
        max_value=MAX_PICTURES_AN_HOUR,
        help_text=_("Empty: as many as they like."),
    )

    def __init__(self, team: Team, models: Iterable[ImageModel], data: Any = None) -> None:
        super().__init__(data, auto_id="limit_%s")
        offered = list(models)
        self.people = {
            str(person.pk): person for person in User.objects.filter(memberships__team=team).order_by("name", "email")
        }
        roles = [role for role in Role if has_permission(role, Permission.SUBMIT)]
        self._offer("who", [(_("Roles"), [(role.value, role.label) for role in roles])])
        self._offer("who", [(_("People"), [(pk, person.display_name) for pk, person in self.people.items()])])
        self._offer("models", [(model.id, model.name) for model in offered])
        tiers = dict.fromkeys(tier for model in offered for tier in model.tiers)
        efforts = dict.fromkeys((AUTO, *(effort for model in offered for effort in model.efforts)))
        self._offer("tiers", [(tier, tier_name(tier)) for tier in tiers])
        self._offer("efforts", [(effort, effort_name(effort)) for effort in efforts])

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        field.choices = [*field.choices, *choices]  # type: ignore[attr-defined]  # of choice fields alone

    def clean_who(self) -> User | Role:
        said = str(self.cleaned_data["who"])
        return self.people[said] if said in self.people else Role(said)

    @property
    def allowed(self) -> Allowed:
        said = self.cleaned_data
        return Allowed(said["models"], said["tiers"], said["efforts"], said["pictures"])
