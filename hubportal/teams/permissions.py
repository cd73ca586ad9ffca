"""The one table that says what each role may do. Pages, tests and documentation read it from here."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles in a team, the mightiest first (interface.md, Words)."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    REVIEWER = "reviewer", _("Reviewer")


class Permission(models.TextChoices):
    """Things a team page lets somebody do."""

    LOOK = "look", _("See what the team shares: pictures, history and credits")
    SUBMIT = "submit", _("Make pictures, which spends the team's credits")
    DELETE = "delete", _("Delete pictures they made, and restore them for seven days")
    DELETE_ANY = "delete_any", _("Delete any picture the team shares, and restore it for seven days")
    MANAGE_KEYS = "manage_keys", _("Add, check and remove the team's keys")
    MANAGE_BUDGETS = "manage_budgets", _("Set budgets, and limit what may be ordered")
    MANAGE_MEMBERS = "manage_members", _("Invite people, change roles and remove members")
    MANAGE_PROJECTS = "manage_projects", _("Add, rename and archive projects, and move anybody's pictures to another")
    MANAGE_TAGS = "manage_tags", _("Rename, merge, colour and delete the team's tags")
    SEE_SPENDING = "see_spending", _("See what each person spent, and what moved on the hub's accounts")
    SETTLE = "settle", _("Settle a picture nobody is sure of")
    RECOVER = "recover", _("Recover a picture from the hub")
    MANAGE_TEAM = "manage_team", _("Change the team's name and settings")
    READ_AUDIT = "read_audit", _("Read the audit log")
    OWN = "own", _("Pass ownership on, and delete the team")
    LEAVE = "leave", _("Leave the team")


ROLE_PERMISSIONS: dict[Permission, frozenset[Role]] = {
    Permission.LOOK: frozenset(Role),
    Permission.SUBMIT: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Permission.DELETE: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Permission.DELETE_ANY: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_KEYS: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_BUDGETS: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_MEMBERS: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_PROJECTS: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_TAGS: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.SEE_SPENDING: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.SETTLE: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Permission.RECOVER: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.MANAGE_TEAM: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.READ_AUDIT: frozenset({Role.OWNER, Role.ADMIN}),
    Permission.OWN: frozenset({Role.OWNER}),
    Permission.LEAVE: frozenset(Role),
}


def has_permission(role: str, permission: Permission) -> bool:
    """Whether somebody in this role may do that."""
    return role in ROLE_PERMISSIONS[permission]


# Ownership is offered, and passes when the other accepts.
ASSIGNABLE_ROLES = tuple(role for role in Role if role != Role.OWNER)
MEMBER_MANAGER_ROLES = tuple(role for role in Role if has_permission(role, Permission.MANAGE_MEMBERS))
