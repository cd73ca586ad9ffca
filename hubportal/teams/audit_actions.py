"""What the audit log tells of teams: settings, members, invitations, ownership, and second factors."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details
from hubportal.teams.permissions import Role


class TeamAction(AuditAction):
    STARTED = "team.started", _("started the team")
    RENAMED = "team.renamed", _("renamed the team")
    TIME_ZONE = "team.time-zone", _("changed the team's time zone")
    TWO_FACTOR = "team.two-factor", _("changed whether two-factor is required")
    DELETION_ASKED = "team.deletion-asked", _("asked for the team to be deleted")
    DELETION_WITHDRAWN = "team.deletion-withdrawn", _("kept the team after all")
    DELETED = "team.deleted", _("deleted the team")


class MemberAction(AuditAction):
    ADDED = "member.added", _("added a person")
    JOINED = "member.joined", _("joined the team")
    ROLE = "member.role", _("changed a role")
    REMOVED = "member.removed", _("removed a person")
    DISABLED = "member.disabled", _("stopped a person from signing in")
    ENABLED = "member.enabled", _("let a person sign in again")
    LEFT = "member.left", _("left the team")


class OwnershipAction(AuditAction):
    OFFERED = "ownership.offered", _("offered ownership")
    WITHDRAWN = "ownership.withdrawn", _("withdrew an offer of ownership")
    DECLINED = "ownership.declined", _("declined ownership")
    PASSED = "ownership.passed", _("became the owner")


class InvitationAction(AuditAction):
    SENT = "invitation.sent", _("invited somebody")
    RESENT = "invitation.resent", _("sent an invitation again")
    CANCELLED = "invitation.cancelled", _("cancelled an invitation")


class TwoFactorAction(AuditAction):
    ADDED = "two-factor.added", _("set up a second step for signing in")
    REMOVED = "two-factor.removed", _("removed a second step for signing in")
    RESET = "two-factor.reset", _("made new recovery codes")


class AuditLogAction(AuditAction):
    EXPORTED = "audit.exported", _("exported the audit log")


declare_details(
    names={
        "email": _("email"),
        "role": _("role"),
        "required": _("required"),
        "again": _("sent again"),
        "step": _("step"),
        "filter": _("filter"),
        "owner": _("owner"),
        "until": _("until"),
        "source": _("source"),
        "invited_by": _("invited by"),
    },
    values={
        **{role.value: role.label for role in Role},
        "totp": _("authenticator app"),
        "webauthn": _("passkey or security key"),
        "recovery_codes": _("recovery codes"),
    },
)
