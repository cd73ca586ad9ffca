"""What the team's pages say of roles, invitations, leaving and ownership."""

from dataclasses import dataclass

from django.template.defaultfilters import date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus, MailProblem
from hubportal.teams.permissions import Permission, Role

MEANS = {
    Role.OWNER: gettext_lazy("You own the team: you may do everything in it, and end it."),
    Role.ADMIN: gettext_lazy("You look after the team's people, keys and settings, and make pictures yourself."),
    Role.MEMBER: gettext_lazy("You make pictures with the team's credits and see what the others share."),
    Role.REVIEWER: gettext_lazy("You see what the team shares, and spend nothing."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """How things stand, in words; `state` gives them the colour of a generation's state (interface.md, Words)."""

    state: str
    text: str


def how_it_stands(invitation: Invitation, standing: InvitationStatus) -> Said:
    """Whether a pending invitation still lets somebody in, and how far its email has come."""
    if standing is InvitationStatus.EXPIRED:
        day = date(invitation.expires_at)
        return Said("unknown", _("Expired on {day}. Send it again, or cancel it.").format(day=day))
    if standing is InvitationStatus.UNVOUCHED:
        return Said(
            "unknown",
            _("Its link doesn't work: whoever sent it no longer looks after members. Send it again yourself."),
        )
    if invitation.mail_problem == MailProblem.ADDRESS:
        return Said("failed", _("The mail server refused this address. Copy the link, or invite another address."))
    if invitation.mail_problem:
        return Said("unknown", _("The mail server can't be reached; we keep trying. You can copy the link meanwhile."))
    if invitation.mail_due_at or not invitation.mailed_at:
        return Said("waiting", _("The email is on its way"))
    return Said("succeeded", _("Emailed {when}").format(when=date(invitation.mailed_at, "DATETIME_FORMAT")))


def why_over(invitation: Invitation, standing: InvitationStatus) -> str:
    """Why a link no longer lets anybody in, and who can help."""
    words = {
        InvitationStatus.TAKEN: _("Somebody has joined with it already; each invitation works once."),
        InvitationStatus.CANCELLED: _("It was withdrawn."),
        InvitationStatus.EXPIRED: _("It was good for seven days, and they are over."),
        InvitationStatus.UNVOUCHED: _("Whoever gave it no longer looks after the team's members."),
    }[standing]
    return f"{words} {_('If you still want to join, ask your contact in the team for a new one.')}"


def removal_means(membership: Membership) -> list[str]:
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


def leaving_means() -> list[str]:
    """What leaving brings about."""
    return [
        _("You lose the team at once, on every device. To come back you need a new invitation."),
        _("Your pictures and history stay with the team under your name."),
        _("What you have asked for and isn't finished yet is finished."),
        _("Your private pictures pass to nobody, and you can't reach them any more: download what you want to keep."),
    ]


def offer_means(membership: Membership) -> list[str]:
    """What offering ownership brings about."""
    name = membership.user.display_name
    return [
        _("Nothing changes until {name} agrees. They are asked on every page of the team, for seven days.").format(
            name=name
        ),
        _("Once they agree, {name} owns the team and you are an admin.").format(name=name),
        _("You can withdraw the offer until then. Only the new owner can give it back to you."),
    ]


def last_owner(name: str) -> str:
    """Why the only owner can't go, or be something else."""
    return _("{name} is the only owner. A team needs one: offer ownership to somebody first.").format(name=name)
