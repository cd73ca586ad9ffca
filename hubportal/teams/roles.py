"""The one table that says what each role may do. Pages, tests and documentation read it from here."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Roles in a team, the mightiest first (interface.md, Words)."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    REVIEWER = "reviewer", _("Reviewer")


class Act(StrEnum):
    """Things a team page lets somebody do."""

    LOOK = "look"
    SUBMIT = "submit"
    MANAGE_KEYS = "manage_keys"
    MANAGE_MEMBERS = "manage_members"
    SETTLE = "settle"
    RECOVER = "recover"


ALLOWED: dict[Act, frozenset[Role]] = {
    Act.LOOK: frozenset(Role),
    Act.SUBMIT: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Act.MANAGE_KEYS: frozenset({Role.OWNER, Role.ADMIN}),
    Act.MANAGE_MEMBERS: frozenset({Role.OWNER, Role.ADMIN}),
    Act.SETTLE: frozenset({Role.OWNER, Role.ADMIN, Role.MEMBER}),
    Act.RECOVER: frozenset({Role.OWNER, Role.ADMIN}),
}


def may(role: str, act: Act) -> bool:
    """Whether somebody in this role may do that."""
    return role in ALLOWED[act]
