"""The team's settings: its name, whether two-factor is required, and its end."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor, without_two_factor
from hubportal.teams import tasks
from hubportal.teams.access import TeamRequest, note, second_step_page, team_view
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.permissions import Permission
from hubportal.teams.settings_forms import DeletionForm, RenameForm, TwoFactorForm


@team_view(Permission.MANAGE_TEAM, methods=("GET", "POST"))
def settings(request: TeamRequest) -> HttpResponse:
    """GET: everything that can be set. POST: the name."""
    if request.method != "POST":
        return settings_page(request)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return settings_page(request, status=422, rename=form)
    before, after = request.team.name, form.cleaned_data["name"]
    with transaction.atomic():
        if request.team.rename(after):
            note(request, TeamAction.RENAMED, request.team, before=before, after=after)
            messages.success(request, _("The team is called {name} now.").format(name=after))
    return to_settings(request)


def settings_page(request: TeamRequest, *, status: int = 200, **refused: Form) -> HttpResponse:
    """The page; `refused` are forms that came back with an error, by name."""
    members = User.objects.filter(memberships__team=request.team)
    context: dict[str, Any] = {
        "rename": RenameForm(initial={"name": request.team.name}),
        "two_factor": TwoFactorForm(request.user),
        "farewell": DeletionForm(request.team),
        "without": list(without_two_factor(members).order_by("name", "email")),
        "has_own": has_two_factor(request.user),
        **refused,
    }
    return render(request, "teams/settings.html", context, status=status)


def to_settings(request: TeamRequest) -> HttpResponse:
    return redirect("teams:settings", team=request.team.slug)


@team_view(Permission.MANAGE_TEAM, methods=("POST",))
def two_factor(request: TeamRequest) -> HttpResponse:
    """Require two-factor of everybody in the team, or no longer."""
    form = TwoFactorForm(request.user, request.POST)
    if not form.is_valid():
        return settings_page(request, status=422, two_factor=form)
    required = form.cleaned_data["required"]
    with transaction.atomic():
        if request.team.require_two_factor(required):
            note(request, TeamAction.TWO_FACTOR, request.team, required=required)
    if required:
        messages.success(request, _("Two-factor is required from now on."))
    else:
        messages.success(request, _("Two-factor is no longer required."))
    return to_settings(request)


@team_view(Permission.OWN, methods=("POST",))
def deletion(request: TeamRequest) -> HttpResponse:
    """Ask for the team to be deleted: it goes in seven days, unless an owner keeps it after all."""
    form = DeletionForm(request.team, request.POST)
    if not form.is_valid():
        return settings_page(request, status=422, farewell=form)
    with transaction.atomic():
        if request.team.ask_for_deletion(request.user):
            note(
                request, TeamAction.DELETION_ASKED, request.team, until=f"{request.team.deletion_at:%Y-%m-%d %H:%M} UTC"
            )
            transaction.on_commit(lambda: tasks.tell_of_deletion.enqueue(request.team.pk))
    return to_settings(request)


@team_view(Permission.OWN, methods=("POST",))
def keep_after_all(request: TeamRequest) -> HttpResponse:
    """Take back that the team is to be deleted."""
    with transaction.atomic():
        kept = request.team.keep_after_all()
        if kept:
            note(request, TeamAction.DELETION_WITHDRAWN, request.team)
    if kept:
        messages.success(request, _("The team stays. Everything is as it was."))
    else:
        messages.info(request, _("Nothing was changed: the team isn't to be deleted, or its time is over."))
    return to_settings(request)


@team_view(Permission.LEAVE)
def second_step(request: TeamRequest) -> HttpResponse:
    """Why the team's pages are shut to somebody without two-factor, and the way to set it up."""
    if request.needs_two_factor:
        return second_step_page(request)
    return redirect("generations:create", team=request.team.slug)
