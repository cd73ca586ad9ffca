"""What the audit log tells of a team's channels."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction


class ChannelAction(AuditAction):
    ADDED = "channel.added", _("added a channel that is told of the team")
    REMOVED = "channel.removed", _("removed a channel that was told of the team")
