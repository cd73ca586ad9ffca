"""What the audit log tells of pictures: which of those that the team shares were deleted, and which came back."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction


class PictureAction(AuditAction):
    DELETED = "picture.deleted", _("deleted a picture")
    RESTORED = "picture.restored", _("restored a picture")
