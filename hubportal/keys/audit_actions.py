"""What the audit log tells of keys."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class KeyAction(AuditAction):
    ADDED = "key.added", _("added a key")
    RENAMED = "key.renamed", _("renamed a key")
    PAUSED = "key.paused", _("paused a key")
    RESUMED = "key.resumed", _("put a key back to work")
    DEFAULT = "key.default", _("made a key the default")
    ORDERED = "key.ordered", _("changed the order of keys")
    REPLACED = "key.replaced", _("replaced a key")
    REMOVED = "key.removed", _("removed a key")
    DESTROYED = "key.destroyed", _("destroyed the secret of a key no longer in use")


declare_details(names={"old": _("instead of"), "to": _("moved to")})
