"""What the audit log tells of usage."""

from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import AuditAction, declare_details


class UsageAction(AuditAction):
    EXPORTED = "usage.exported", _("exported the use of credits")
    ACCOUNTS_JOINED = "account.joined", _("said that keys are of one account at the hub")
    ACCOUNTS_APART = "account.apart", _("said that keys are of different accounts at the hub")
    ACCOUNTS_SEPARATED = "account.separated", _("took a key out of the account it shared")
    PROJECT_CREATED = "project.created", _("added a project")
    PROJECT_RENAMED = "project.renamed", _("renamed a project")
    PROJECT_ARCHIVED = "project.archived", _("archived a project")
    PROJECT_REOPENED = "project.reopened", _("reopened a project")
    PROJECT_REQUIRED = "project.required", _("changed whether each order needs a project")


declare_details(names={"keys": _("keys")})
