"""The Projects page: what each cost, and for admins what can be done with it. Each change is a resource of its own."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.forms import ProjectForm, RequirementForm
from hubportal.usage.models import Project
from hubportal.usage.project_list import list_projects
from hubportal.usage.projects import (
    ProjectExistsError,
    archive_project,
    create_project,
    rename_project,
    reopen_project,
    require_project,
)


@team_view(Permission.LOOK, methods=("GET", "POST"))
def projects(request: TeamRequest) -> HttpResponse:
    """GET: the projects, with what each cost. POST: add one (which takes a permission of its own)."""
    if request.method != "POST":
        return _page(request)
    request.membership.require(Permission.MANAGE_PROJECTS)
    form = ProjectForm(request.POST)
    if form.is_valid():
        try:
            project = create_project(request.team, form.cleaned_data["name"], actor=request.actor)
        except (ValidationError, ProjectExistsError) as error:
            _tell(form, error)
        else:
            return _done(request, _("{project} is added: it can be chosen for new orders.").format(project=project))
    return _page(request, status=422, form=form)


@team_view(Permission.MANAGE_PROJECTS, methods=("GET", "POST"))
def name(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: the form for its name. POST: call it so."""
    project = _get_project(request, pk)
    form = ProjectForm(request.POST if request.method == "POST" else None, initial={"name": project.name})
    if form.is_valid():
        try:
            rename_project(project, form.cleaned_data["name"], actor=request.actor)
        except (ValidationError, ProjectExistsError) as error:
            _tell(form, error)
        else:
            project.refresh_from_db()
            return _done(request, _("It is now called {project}.").format(project=project))
    status = 422 if form.is_bound else 200
    return render(request, "usage/project_name.html", {"project": project, "form": form}, status=status)


@team_view(Permission.MANAGE_PROJECTS, methods=("POST",))
def archiving(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take no new orders for it."""
    project = _get_project(request, pk)
    archive_project(project, actor=request.actor)
    said = _("{project} is archived: nothing new is ordered for it, and all that was made for it stays.")
    return _done(request, said.format(project=project))


@team_view(Permission.MANAGE_PROJECTS, methods=("POST",))
def reopening(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take orders for it again."""
    project = _get_project(request, pk)
    reopen_project(project, actor=request.actor)
    return _done(request, _("{project} is open again.").format(project=project))


@team_view(Permission.MANAGE_PROJECTS, methods=("POST",))
def requirement(request: TeamRequest) -> HttpResponse:
    """Say whether each order needs a project."""
    form = RequirementForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, requirement=form)
    require_project(request.team, form.cleaned_data["required"], actor=request.actor)
    if form.cleaned_data["required"]:
        return _done(request, _("Each order needs a project from now on."))
    return _done(request, _("An order needs no project any more."))


def _get_project(request: TeamRequest, pk: uuid.UUID) -> Project:
    return get_object_or_404(Project.objects.select_related("team"), pk=pk, team=request.team)


def _tell(form: Form, error: ValidationError | ProjectExistsError) -> None:
    exists = _("There is a project of this name already; it may be archived.")
    form.add_error("name", error if isinstance(error, ValidationError) else exists)


def _page(request: TeamRequest, status: int = 200, **forms: Form) -> HttpResponse:
    lines = list_projects(request.team)
    context = {
        "lines": lines,
        "has_open": any(not line.project.is_archived for line in lines),
        "form": ProjectForm(),
        "requirement": RequirementForm(),
        **forms,
    }
    return render(request, "usage/projects.html", context, status=status)


def _done(request: TeamRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("usage:projects", team=request.team.slug)
