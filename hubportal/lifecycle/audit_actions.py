"""What the audit log tells of things that ended."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class ExMemberAction(AuditAction):
    PICTURES_DELETED = "pictures.deleted", _("deleted private pictures left behind")


declare_details(names={"bytes": _("bytes")})
