"""What the team's pages say: of roles, invitations, leaving and ownership. Whole sentences; acts give the facts."""

from dataclasses import dataclass

from django.template.defaultfilters import date
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.teams.invitations import (
    InvalidAddressesError,
    InvitationError,
    InviteResult,
    NobodyToInviteError,
    SentTooOftenError,
    TooManyAtOnceError,
    TooManyPendingError,
    TooManyTodayError,
)
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus, MailProblem
from hubportal.teams.permissions import Permission, Role

MAX_ADDRESSES_NAMED = 50

ROLE_MEANINGS = {
    Role.OWNER: gettext_lazy("You own the team: you may do everything in it, and end it."),
    Role.ADMIN: gettext_lazy("You look after the team's people, keys and settings, and make pictures yourself."),
    Role.MEMBER: gettext_lazy("You make pictures with the team's credits and see what the others share."),
    Role.REVIEWER: gettext_lazy("You see what the team shares, and spend nothing."),
}


@dataclass(frozen=True, slots=True)
class StatusText:
    """A status in words; `state` gives it the colour of a generation's state (interface.md, Words)."""

    state: str
    text: str


def status_text(invitation: Invitation, status: InvitationStatus) -> StatusText:
    """Whether a pending invitation still lets somebody in, and how far its email has come."""
    if status is InvitationStatus.EXPIRED:
        day = date(invitation.expires_at)
        return StatusText("unknown", _("Expired on {day}. Send it again, or cancel it.").format(day=day))
    if status is InvitationStatus.REVOKED:
        return StatusText(
            "unknown",
            _("Its link doesn't work: whoever sent it no longer looks after members. Send it again yourself."),
        )
    if invitation.mail_problem == MailProblem.ADDRESS:
        return StatusText(
            "failed", _("The mail server refused this address. Copy the link, or invite another address.")
        )
    if invitation.mail_problem:
        return StatusText(
            "unknown", _("The mail server can't be reached; we keep trying. You can copy the link meanwhile.")
        )
    if invitation.mail_due_at or not invitation.mailed_at:
        return StatusText("waiting", _("The email is on its way"))
    return StatusText("succeeded", _("Emailed {when}").format(when=date(invitation.mailed_at, "DATETIME_FORMAT")))


def why_ended(status: InvitationStatus) -> str:
    """Why a link no longer lets anybody in."""
    return {
        InvitationStatus.ACCEPTED: _("Somebody has joined with it already; each invitation works once."),
        InvitationStatus.CANCELLED: _("It was withdrawn."),
        InvitationStatus.EXPIRED: _("It was good for seven days, and they are over."),
        InvitationStatus.REVOKED: _("Whoever gave it no longer looks after the team's members."),
    }[status]


def invited(result: InviteResult) -> str:
    """How many invitations are sent."""
    count = len(result.invitations)
    sentence = ngettext("{count} invitation is on its way.", "{count} invitations are on their way.", count)
    return sentence.format(count=count)


def left_out(result: InviteResult) -> list[str]:
    """A sentence for each kind of address that gets no (second) e-mail."""
    kinds = (
        (result.members, ngettext("%s is in the team already.", "%s are in the team already.", len(result.members))),
        (
            result.already_invited,
            ngettext(
                "%s has an invitation already; you can send it again below.",
                "%s have an invitation already; you can send them again below.",
                len(result.already_invited),
            ),
        ),
        (
            result.duplicates,
            ngettext(
                "%s was there twice and counts once.", "%s were there twice and count once.", len(result.duplicates)
            ),
        ),
    )
    return [sentence % get_text_list(emails, _("and")) for emails, sentence in kinds if emails]


def why_not_sent(error: InvitationError, email: str = "") -> list[str]:
    """Why nothing was sent, a sentence each; `email` is whose invitation was to be sent again."""
    match error:
        case InvalidAddressesError(addresses=addresses):
            named = addresses[:MAX_ADDRESSES_NAMED]
            bad = [_("“{word}” isn't an email address.").format(word=word[:80]) for word in named]
            return [*bad, _("Nothing was sent. Fix it and try again.")]
        case NobodyToInviteError():
            return [*left_out(error.left_out), _("So there is nobody to invite.")]
        case TooManyAtOnceError():
            sentence = _("These are {count} addresses; send at most {most} at once. Nothing was sent.")
            return [sentence.format(count=error.count, most=error.limit)]
        case TooManyPendingError():
            sentence = _(
                "A team may have {most} invitations waiting. Nothing was sent; cancel those nobody will take, then try"
                " again."
            )
            return [sentence.format(most=error.limit)]
        case TooManyTodayError():
            sentence = _("At most {most} invitations a day are sent. Nothing was sent; try again tomorrow.")
            return [sentence.format(most=error.limit)]
        case SentTooOftenError():
            sentence = _("{email} was sent this several times within the hour. Wait a while, then send it again.")
            return [sentence.format(email=email)]
    return [_("The invitation of {email} was taken or cancelled a moment ago.").format(email=email)]


def removal_consequences(membership: Membership) -> list[str]:
    """What removing somebody brings about."""
    name = membership.user.display_name
    invitations = _("Invitations they sent stop working until somebody else sends them again.")
    return [
        _("{name} loses the team at once, on every device; pages that are open stop working.").format(name=name),
        _("Their pictures and history stay with the team under their name."),
        _("What they have asked for and isn't finished yet is finished, and its credits are spent."),
        _("Their private pictures pass to nobody; owners and admins can't see them, only have them deleted."),
        *([invitations] if membership.has_permission(Permission.MANAGE_MEMBERS) else []),
    ]


def leaving_consequences() -> list[str]:
    """What leaving brings about."""
    return [
        _("You lose the team at once, on every device. To come back you need a new invitation."),
        _("Your pictures and history stay with the team under your name."),
        _("What you have asked for and isn't finished yet is finished."),
        _("Your private pictures pass to nobody, and you can't reach them any more: download what you want to keep."),
    ]


def offer_consequences(membership: Membership) -> list[str]:
    """What offering ownership brings about."""
    name = membership.user.display_name
    return [
        _("Nothing changes until {name} agrees. They are asked on every page of the team, for seven days.").format(
            name=name
        ),
        _("Once they agree, {name} owns the team and you are an admin.").format(name=name),
        _("You can withdraw the offer until then. Only the new owner can give it back to you."),
    ]


def role_changed(name: str, role: Role) -> str:
    """What somebody is after their role was changed."""
    return {
        Role.OWNER: _("{name} is now an owner."),
        Role.ADMIN: _("{name} is now an admin."),
        Role.MEMBER: _("{name} is now a member."),
        Role.REVIEWER: _("{name} is now a reviewer."),
    }[role].format(name=name)


def last_owner(name: str) -> str:
    """Why the only owner can't go, or be something else."""
    return _("{name} is the only owner. A team needs one: offer ownership to somebody first.").format(name=name)
