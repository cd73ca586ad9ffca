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
    BUDGET_SET = "budget.set", _("set a budget")
    BUDGET_LIFTED = "budget.lifted", _("lifted a budget")
    BUDGET_ASKED = "budget.asked", _("asked for a larger budget")
    BUDGET_GRANTED = "budget.granted", _("granted a larger budget")
    BUDGET_DECLINED = "budget.declined", _("declined a larger budget")
    LIMIT_SET = "limit.set", _("limited what may be ordered")
    LIMIT_LIFTED = "limit.lifted", _("lifted a limit on orders")


declare_details(
    names={
        "keys": _("keys"),
        "credits": _("credits a month"),
        "more": _("more credits"),
        "warn_at": _("warns at, in percent"),
        "hard": _("stops orders"),
        "asked_by": _("asked by"),
        "model_ids": _("models"),
        "tiers": _("resolutions"),
        "efforts": _("efforts"),
        "pictures_an_hour": _("pictures an hour"),
    },
)
