"""The team's settings: its name, whether two-factor is required, and its deletion."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.accounts.time_zones import offered_zones
from hubportal.accounts.two_factor import has_two_factor, without_two_factor
from hubportal.teams.access import TeamRequest, second_step_page, team_view
from hubportal.teams.forms import DeletionForm, RenameForm, TeamTimeZoneForm, TwoFactorForm
from hubportal.teams.permissions import Permission
from hubportal.teams.teams import (
    ActorWithoutTwoFactorError,
    change_time_zone,
    rename_team,
    request_deletion,
    require_two_factor,
    withdraw_deletion,
)


@team_view(Permission.MANAGE_TEAM, methods=("GET", "POST"))
def settings(request: TeamRequest) -> HttpResponse:
    """GET: everything that can be set. POST: the name."""
    if request.method != "POST":
        return _page(request)
    form = RenameForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, rename=form)
    name = form.cleaned_data["name"]
    if rename_team(request.team, name, actor=request.actor):
        messages.success(request, _("The team is now called {name}.").format(name=name))
    return _to_settings(request)


@team_view(Permission.MANAGE_TEAM, methods=("POST",))
def time_zone(request: TeamRequest) -> HttpResponse:
    """By whose midnight days and months turn."""
    form = TeamTimeZoneForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, time_zone=form)
    if change_time_zone(request.team, form.cleaned_data["time_zone"], actor=request.actor):
        messages.success(request, _("Days and months turn by that time zone from now on."))
    return _to_settings(request)


@team_view(Permission.MANAGE_TEAM, methods=("POST",))
def two_factor(request: TeamRequest) -> HttpResponse:
    """Require two-factor of everybody in the team, or no longer."""
    form = TwoFactorForm(request.POST)
    if form.is_valid():
        required = form.cleaned_data["required"]
        try:
            require_two_factor(request.team, required, actor=request.actor)
        except ActorWithoutTwoFactorError:
            form.add_error(
                "required",
                _("Set up two-factor for yourself first: otherwise you would lock yourself out of the team."),
            )
    if not form.is_valid():
        return _page(request, status=422, two_factor=form)
    if required:
        messages.success(request, _("Two-factor is required from now on."))
    else:
        messages.success(request, _("Two-factor is no longer required."))
    return _to_settings(request)


@team_view(Permission.OWN, methods=("POST",))
def deletion(request: TeamRequest) -> HttpResponse:
    """Ask for the team to be deleted: it goes in seven days, unless an owner keeps it after all."""
    form = DeletionForm(request.team, request.POST)
    if not form.is_valid():
        return _page(request, status=422, deletion=form)
    request_deletion(request.team, actor=request.actor)
    return _to_settings(request)


@team_view(Permission.OWN, methods=("POST",))
def keep_after_all(request: TeamRequest) -> HttpResponse:
    """Take back that the team is to be deleted."""
    if withdraw_deletion(request.team, actor=request.actor):
        messages.success(request, _("The team stays. Everything is as it was."))
    else:
        messages.info(request, _("Nothing was changed: the team isn't to be deleted, or its time is over."))
    return _to_settings(request)


@team_view(Permission.LEAVE)
def second_step(request: TeamRequest) -> HttpResponse:
    """Why the team's pages don't open for somebody without two-factor, and the way to set it up."""
    if request.needs_two_factor:
        return second_step_page(request)
    return redirect("generations:create", team=request.team.slug)


def _page(request: TeamRequest, *, status: int = 200, **refused: Form) -> HttpResponse:
    """The page; `refused` are forms that came back with an error, by name."""
    members = User.objects.filter(memberships__team=request.team)
    context: dict[str, Any] = {
        "rename": RenameForm(initial={"name": request.team.name}),
        "time_zone": TeamTimeZoneForm(initial={"time_zone": request.team.time_zone}),
        "zones": offered_zones(),
        "two_factor": TwoFactorForm(),
        "deletion": DeletionForm(request.team),
        "without": list(without_two_factor(members).order_by("name", "email")),
        "has_own": has_two_factor(request.user),
        **refused,
    }
    return render(request, "teams/settings.html", context, status=status)


def _to_settings(request: TeamRequest) -> HttpResponse:
    return redirect("teams:settings", team=request.team.slug)
