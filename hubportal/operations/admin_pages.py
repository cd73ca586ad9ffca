"""What the admin shows of each room. No secret is named here, and what is not named is not shown."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.admin import display
from django.db import transaction
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.keys.models import Key
from hubportal.operations.admin_site import OperatorsSite, Page
from hubportal.teams.models import Invitation, Membership, Team
from hubportal.teams.people import disable_person, enable_person

site = OperatorsSite(name="admin")


@admin.register(User, site=site)
class UserPage(Page):
    editable = ("name", "is_active", "is_superuser")
    shown = ("email", "date_joined", "last_login")
    list_display = ("email", "name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "name")
    ordering = ("email",)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """One's own rights stay as they are: the last superuser could not come back to mend it."""
        return self.shown + (("is_active", "is_superuser") if obj == request.user else ())

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save only what the form changed; whether the person may sign in is an act of its own."""
        obj.save(update_fields=[field for field in form.changed_data if field != "is_active"])
        if "is_active" in form.changed_data:
            act = enable_person if obj.is_active else disable_person
            act(obj, actor=Actor.of(request))


@admin.register(EmailAddress, site=site)
class EmailAddressPage(Page):
    shown = ("user", "email", "verified", "primary")
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified", "primary")
    search_fields = ("email",)


@admin.register(Team, site=site)
class TeamPage(Page):
    shown = ("name", "slug", "created_at", "requires_two_factor", "deletion_at", "deletion_asked_by")
    list_display = ("name", "slug", "created_at", "requires_two_factor", "deletion_at")
    list_filter = ("requires_two_factor",)
    search_fields = ("name", "slug")
    ordering = ("name",)


@admin.register(Membership, site=site)
class MembershipPage(Page):
    shown = ("team", "user", "role", "created_at", "last_opened_at")
    list_display = ("team", "user", "role", "last_opened_at")
    list_filter = ("role",)
    list_select_related = ("team", "user")
    search_fields = ("team__name", "user__email")


@admin.register(Invitation, site=site)
class InvitationPage(Page):
    shown = (
        *("team", "email", "role", "invited_by", "invited_at"),
        *("expires_at", "accepted_at", "accepted_by", "cancelled_at"),
    )
    list_display = ("email", "team", "role", "invited_at", "expires_at", "accepted_at", "cancelled_at")
    list_filter = ("role",)
    list_select_related = ("team",)
    search_fields = ("email", "team__name")


@admin.register(Key, site=site)
class KeyPage(Page):
    """Never the sealed secret, nor the fingerprint by which the same secret can be found."""

    shown = (
        *("team", "label", "last_four", "is_default", "added_by", "added_at", "paused_at", "removed_at"),
        *("last_used_at", "checked_at", "balance", "account_type", "next_expiration", "problem"),
    )
    list_display = ("label", "last_four", "team", "balance", "problem", "last_used_at", "removed_at")
    list_filter = ("problem",)
    list_select_related = ("team",)
    search_fields = ("label", "team__name")


@admin.register(AuditEntry, site=site)
class AuditEntryPage(Page):
    shown = ("at", "team_name", "action", "by_name", "by_email", "address", "about", "detail")
    list_display = ("at", "team_name", "by_name", "action", "about", "address")
    list_filter = ("at", "action")
    search_fields = ("by_name", "by_email", "about", "address")
    ordering = ("-at", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """An entry outlives its team, which is therefore not joined."""
        team = Team.objects.filter(pk=OuterRef("team_id")).values("name")
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        return entries.annotate(team_name=Subquery(team))

    @display(description="team")
    def team_name(self, entry: Any) -> str:
        return entry.team_name or ""
