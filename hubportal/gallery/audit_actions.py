"""What the audit log tells of pictures: which of those that the team shares were deleted or came back, and archives."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class PictureAction(AuditAction):
    DELETED = "picture.deleted", _("deleted a picture")
    RESTORED = "picture.restored", _("restored a picture")
    DOWNLOADED = "picture.downloaded", _("downloaded pictures as an archive")


declare_details(names={"pictures": _("pictures")})
