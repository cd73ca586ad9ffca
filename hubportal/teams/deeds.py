"""What the audit trail speaks of: one table of words, so that its filter, its page and its CSV know them all."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Deed(models.TextChoices):
    """An act of administration, after who did it: "Anna added a key"."""

    TEAM_STARTED = "team.started", _("started the team")
    TEAM_RENAMED = "team.renamed", _("renamed the team")
    TEAM_TWO_FACTOR = "team.two-factor", _("changed whether two-factor is required")
    TEAM_DELETION_ASKED = "team.deletion-asked", _("asked for the team to be deleted")
    TEAM_DELETION_WITHDRAWN = "team.deletion-withdrawn", _("kept the team after all")
    TEAM_DELETED = "team.deleted", _("deleted the team")
    MEMBER_ADDED = "member.added", _("added a person")
    MEMBER_JOINED = "member.joined", _("joined the team")
    MEMBER_ROLE = "member.role", _("changed a role")
    MEMBER_REMOVED = "member.removed", _("removed a person")
    MEMBER_DISABLED = "member.disabled", _("stopped a person from signing in")
    MEMBER_ENABLED = "member.enabled", _("let a person sign in again")
    MEMBER_LEFT = "member.left", _("left the team")
    OWNERSHIP_OFFERED = "ownership.offered", _("offered ownership")
    OWNERSHIP_WITHDRAWN = "ownership.withdrawn", _("withdrew an offer of ownership")
    OWNERSHIP_DECLINED = "ownership.declined", _("declined ownership")
    OWNERSHIP_PASSED = "ownership.passed", _("became the owner")
    INVITATION_SENT = "invitation.sent", _("invited somebody")
    INVITATION_RESENT = "invitation.resent", _("sent an invitation again")
    INVITATION_CANCELLED = "invitation.cancelled", _("cancelled an invitation")
    KEY_ADDED = "key.added", _("added a key")
    KEY_RENAMED = "key.renamed", _("renamed a key")
    KEY_PAUSED = "key.paused", _("paused a key")
    KEY_RESUMED = "key.resumed", _("put a key back to work")
    KEY_DEFAULT = "key.default", _("made a key the default")
    KEY_ORDERED = "key.ordered", _("changed the order of keys")
    KEY_REPLACED = "key.replaced", _("replaced a key")
    KEY_REMOVED = "key.removed", _("removed a key")
    KEY_DESTROYED = "key.destroyed", _("destroyed the secret of a key no longer in use")
    GENERATION_SETTLED = "generation.settled", _("settled a generation nobody was sure of")
    GENERATION_RECOVERED = "generation.recovered", _("recovered a generation from the hub")
    PICTURES_DELETED = "pictures.deleted", _("deleted private pictures left behind")
    USAGE_EXPORTED = "usage.exported", _("exported the use of credits")
    AUDIT_EXPORTED = "audit.exported", _("exported this trail")
    TWO_FACTOR_ADDED = "two-factor.added", _("set up a second step for signing in")
    TWO_FACTOR_REMOVED = "two-factor.removed", _("removed a second step for signing in")
    TWO_FACTOR_RESET = "two-factor.reset", _("made new recovery codes")
