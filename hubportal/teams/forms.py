"""The forms of the team's pages, and of its lists. They parse; what may be done is decided by the acts."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Exists, Model, OuterRef, Q
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.accounts.models import User
from hubportal.accounts.time_zones import find_zone, zone_of
from hubportal.accounts.wording import TIME_ZONE_UNKNOWN
from hubportal.listing.filters import ListFilterForm
from hubportal.teams.models import Membership, Team
from hubportal.teams.models.team import MAX_NAME_LENGTH
from hubportal.teams.permissions import ASSIGNABLE_ROLES, Role

# What people paste: e-mail addresses among commas, lines, names and angle brackets.
QUOTED = re.compile(r'"[^"]*"')
PARTS = re.compile(r"[,;\n\r\t]+")
BRACKETED = re.compile(r"<([^<>]*)>")
SURROUNDING = "'\"()[]<>.:"


class NewTeamForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the team"), max_length=MAX_NAME_LENGTH)


def role_field() -> forms.ChoiceField:
    choices = [(role.value, role.label) for role in ASSIGNABLE_ROLES]
    return forms.ChoiceField(label=gettext_lazy("Role"), choices=choices, initial=Role.MEMBER)


class RoleForm(forms.Form):
    role = role_field()


def read_addresses(pasted: str) -> list[str]:
    """Each word that should be an address, in lower case, in the order given; a name before `<…>` is left out."""
    return [word.lower() for part in PARTS.split(QUOTED.sub(" ", pasted)) for word in _words(part)]


def _words(part: str) -> list[str]:
    bracketed = BRACKETED.findall(part)
    rest = BRACKETED.sub(" ", part).split()
    words = [word for word in rest if "@" in word or not bracketed] + bracketed
    bare = (word.strip().removeprefix("mailto:").strip(SURROUNDING) for word in words)
    return [word for word in bare if word]


class InviteForm(forms.Form):
    """Many addresses, as people paste them, and one role. Valid, its `addresses` are a list of words."""

    addresses = forms.CharField(
        label=gettext_lazy("Email addresses"),
        max_length=20_000,
        help_text=gettext_lazy("Up to 50 at once, with commas, spaces or lines between them; names may come along."),
        error_messages={"required": gettext_lazy("Write the address of at least one person.")},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    role = role_field()

    def clean_addresses(self) -> list[str]:
        words = read_addresses(str(self.cleaned_data["addresses"]))
        if not words:
            raise forms.ValidationError(_("There is no address in this."))
        return words

    def focus_error(self) -> None:
        """Put the cursor where something is to be mended: the form is below a long list."""
        self.fields["role" if "role" in self.errors else "addresses"].widget.attrs["autofocus"] = True


class RenameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        help_text=gettext_lazy("The team's address stays as it is, so links keep working."),
        error_messages={
            "required": gettext_lazy("Give the team a name."),
            "max_length": gettext_lazy("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class TeamTimeZoneForm(forms.Form):
    """The zone may be typed in any case, or as the name of its place; empty is the site's."""

    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        max_length=64,
        help_text=gettext_lazy(
            "Budgets start anew at midnight there. Empty: that of this site. Type a city to find it."
        ),
        widget=forms.TextInput(
            attrs={"list": "time-zones", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
        ),
    )

    def clean_time_zone(self) -> str:
        typed = self.cleaned_data["time_zone"]
        zone = find_zone(typed) if typed else ""
        if zone is None:
            self.fields["time_zone"].widget.attrs["autofocus"] = True
            raise forms.ValidationError(TIME_ZONE_UNKNOWN)
        return zone


class TwoFactorForm(forms.Form):
    """`required` is the word on the button: yes or no."""

    required = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")],
        coerce=lambda word: word == "yes",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Say whether two-factor is required or not.")
        ),
    )


class DeletionForm(forms.Form):
    """The team's name once more, typed by hand."""

    name = forms.CharField(
        label=gettext_lazy("Type the team's name to delete it"),
        error_messages={"required": gettext_lazy("Type the team's name, so that nothing is deleted by accident.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "dir": "auto"}),
    )

    def __init__(self, team: Team, data: Any = None) -> None:
        # The other form of the page has a field of this name.
        super().__init__(data, auto_id="deletion_%s")
        self.team = team
        self.fields["name"].help_text = format_html(_("It is called <b>{}</b>."), team.name)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if " ".join(name.split()) != " ".join(self.team.name.split()):
            raise forms.ValidationError(_("That isn't the team's name. Nothing was deleted."))
        return name


class TeamFilterForm(ListFilterForm):
    """Offers the team's people, and whoever the address names if they have something in this list.

    So somebody who left can still be asked for, and somebody elsewhere is not named. Subclasses say which `rows`
    these are, and which field of them tells who made one.
    """

    rows: type[Model]
    made_by = "author"
    other_people: tuple[tuple[str, Any], ...] = ()

    def __init__(self, membership: Membership, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.membership = membership
        # Days in the address are the team's.
        self.zone = zone_of(membership.team.time_zone)
        team = membership.team_id
        here = Q(pk__in=Membership.objects.filter(team=team).values("user"))
        if asked := self.person_asked_for():
            made = self.rows._default_manager.filter(team=team, **{self.made_by: OuterRef("pk")})
            here |= Q(Exists(made), pk=asked)
        field: Any = self.fields["person"]
        field.offer(User.objects.filter(here).order_by("name", "email"), membership.user_id, *self.other_people)
