"""Inviting people, and giving a role."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.accounts.models import User
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import InvitationAction
from hubportal.teams.email_addresses import is_address, read_addresses
from hubportal.teams.models import Invitation, Team
from hubportal.teams.models.invitation import MAX_PENDING
from hubportal.teams.permissions import GIVEN_ROLES, Role

MAX_AT_ONCE = 50
MAX_A_DAY = 300
AGAIN_AN_HOUR = 3
SENDING = (InvitationAction.SENT, InvitationAction.RESENT)
A_ROLE = [(role.value, role.label) for role in GIVEN_ROLES]


def mails_left(team: Team, user: User) -> int:
    """How many more invitations may be mailed today: by the team, and by the person in all their teams."""
    since = timezone.now() - timedelta(days=1)
    sent = AuditEntry.objects.filter(Q(team=team) | Q(by=user), action__in=SENDING, at__gt=since)
    return max(0, MAX_A_DAY - sent.count())


def sent_too_often(invitation: Invitation) -> bool:
    """Whether this invitation was mailed so often in the last hour that it would be a nuisance."""
    lately = AuditEntry.objects.filter(team=invitation.team_id, action__in=SENDING, about_id=str(invitation.pk))
    return lately.filter(at__gt=timezone.now() - timedelta(hours=1)).count() >= AGAIN_AN_HOUR


@dataclass(frozen=True, slots=True)
class Sorted:
    """What was pasted: whom to invite, and who needs no invitation."""

    new: list[str]
    twice: list[str]
    members: list[str]
    invited: list[str]

    def left_out(self) -> list[str]:
        """A sentence for each kind that gets no (second) e-mail."""
        kinds = (
            (self.members, ngettext("%s is in the team already.", "%s are in the team already.", len(self.members))),
            (
                self.invited,
                ngettext(
                    "%s has an invitation already; you can send it again below.",
                    "%s have an invitation already; you can send them again below.",
                    len(self.invited),
                ),
            ),
            (
                self.twice,
                ngettext("%s was there twice and counts once.", "%s were there twice and count once.", len(self.twice)),
            ),
        )
        return [sentence % _listed(emails) for emails, sentence in kinds if emails]


class InviteForm(forms.Form):
    """Many addresses, one role. After validation `sorted` says who is to be invited."""

    addresses = forms.CharField(
        label=gettext_lazy("Email addresses"),
        max_length=20_000,
        help_text=gettext_lazy("Up to 50 at once, with commas, spaces or lines between them; names may come along."),
        error_messages={"required": gettext_lazy("Write the address of at least one person.")},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "dir": "auto"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=A_ROLE, initial=Role.MEMBER)

    def __init__(self, team: Team, by: User, data: Any = None) -> None:
        super().__init__(data)
        self.team, self.by = team, by
        self.sorted = Sorted([], [], [], [])

    def clean_addresses(self) -> str:
        pasted = str(self.cleaned_data["addresses"])
        words = read_addresses(pasted)
        bad = list(dict.fromkeys(word for word in words if not is_address(word)))
        if bad or not words:
            raise forms.ValidationError(_not_addresses(bad))
        self._sort(words)
        self._limit(len(self.sorted.new))
        return pasted

    def point_out(self) -> None:
        """Put the cursor where something is to be mended: the form is below a long list."""
        self.fields["role" if "role" in self.errors else "addresses"].widget.attrs["autofocus"] = True

    def _sort(self, words: list[str]) -> None:
        emails = list(dict.fromkeys(words))
        members, invited = _in_team(self.team, emails), _invited(self.team, emails)
        self.sorted = Sorted(
            new=[email for email in emails if email not in members | invited],
            twice=[email for email in emails if words.count(email) > 1],
            members=[email for email in emails if email in members],
            invited=[email for email in emails if email in invited - members],
        )

    def _limit(self, new: int) -> None:
        if new > MAX_AT_ONCE:
            raise forms.ValidationError(
                _("These are {count} addresses; send at most {most} at once. Nothing was sent.").format(
                    count=new, most=MAX_AT_ONCE
                )
            )
        if new == 0:
            raise forms.ValidationError([*self.sorted.left_out(), _("So there is nobody to invite.")])
        if new > mails_left(self.team, self.by):
            raise forms.ValidationError(too_many_today())


def too_many_today() -> str:
    return _("At most {most} invitations a day are sent. Nothing was sent; try again tomorrow.").format(most=MAX_A_DAY)


def too_many_pending() -> str:
    return _(
        "A team may have {most} invitations waiting. Nothing was sent; cancel those nobody will take, then try again."
    ).format(most=MAX_PENDING)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=A_ROLE)


def _not_addresses(bad: list[str]) -> list[str]:
    said = [_("“{word}” isn't an email address.").format(word=word[:80]) for word in bad[:MAX_AT_ONCE]]
    return [*said, _("Nothing was sent. Mend it and try again.")] if bad else [_("There is no address in this.")]


def _in_team(team: Team, emails: list[str]) -> set[str]:
    here = Q(user__memberships__team=team)
    verified = EmailAddress.objects.filter(here, verified=True, email__in=emails)
    return {
        *team.memberships.filter(user__email__in=emails).values_list("user__email", flat=True),
        *verified.values_list("email", flat=True),
    }


def _invited(team: Team, emails: list[str]) -> set[str]:
    return set(Invitation.objects.filter(team=team, email__in=emails).open().values_list("email", flat=True))


def _listed(words: list[str]) -> str:
    return get_text_list(words, _("and"))
