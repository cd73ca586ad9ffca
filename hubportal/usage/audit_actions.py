"""What the audit log tells of usage."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction


class UsageAction(AuditAction):
    EXPORTED = "usage.exported", _("exported the use of credits")
