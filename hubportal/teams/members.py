"""Who is in the team: the page, and changing a role, removing, leaving."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hubportal.audit.actions import AuditAction
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.forms import InviteForm, RoleForm
from hubportal.teams.invitations import invite
from hubportal.teams.members_context import roster
from hubportal.teams.models import Membership
from hubportal.teams.models.membership import LastOwnerError
from hubportal.teams.permissions import Permission, Role
from hubportal.teams.wording import last_owner, leaving_means, removal_means


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def members(request: TeamRequest) -> HttpResponse:
    """GET: who is in the team, and who was asked to come. POST: ask more people."""
    form = InviteForm(request.team, request.user, request.POST if request.method == "POST" else None)
    if form.is_valid() and invite(request, form):
        return redirect("teams:members", team=request.team.slug)
    if form.is_bound:
        form.point_out()
    return _page(request, form, status=422 if form.is_bound else 200)


@team_view(Permission.MANAGE_MEMBERS, methods=("POST",))
def role(request: TeamRequest, pk: int) -> HttpResponse:
    """Give somebody another role; ownership is offered, not given."""
    membership = member(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose another role. Ownership can't be given, only offered."))
        return _page(request, status=422)
    new = Role(form.cleaned_data["role"])
    try:
        _give(request, membership, new)
    except LastOwnerError:
        messages.error(request, last_owner(membership.user.display_name))
        return _page(request, status=422)
    messages.success(request, _("{name} is {role} now.").format(name=membership.user, role=new.label))
    stays = Membership.objects.get(pk=request.membership.pk).has_permission(Permission.MANAGE_MEMBERS)
    return redirect("teams:members" if stays else "generations:create", team=request.team.slug)


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: int) -> HttpResponse:
    """GET: what removing somebody means. POST: remove them."""
    membership = member(request, pk)
    if membership == request.membership:
        return redirect("teams:leaving", team=request.team.slug)
    if request.method != "POST":
        return render(request, "teams/removal.html", {"member": membership, "means": removal_means(membership)})
    try:
        _end(request, membership, MemberAction.REMOVED)
    except LastOwnerError:
        messages.error(request, last_owner(membership.user.display_name))
        return _page(request, status=422)
    messages.success(request, _("{name} is no longer in the team.").format(name=membership.user))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.LEAVE, methods=("GET", "POST"))
def leaving(request: TeamRequest) -> HttpResponse:
    """GET: what leaving means. POST: leave; the last owner can't."""
    if request.method == "POST":
        try:
            _end(request, request.membership, MemberAction.LEFT)
        except LastOwnerError:
            return _leaving_page(request, status=422)
        messages.success(request, _("You have left {team}.").format(team=request.team))
        return redirect("home")
    return _leaving_page(request)


def member(request: TeamRequest, pk: int) -> Membership:
    """The membership of this team with that number, or 404."""
    return get_object_or_404(request.team.memberships.select_related("user", "team"), pk=pk)


@transaction.atomic
def _give(request: TeamRequest, membership: Membership, new: Role) -> None:
    before = membership.role
    if new == before:
        return
    with _both_still_here():
        membership.change_role(new, by=request.membership)
    note(request, MemberAction.ROLE, membership.user, email=membership.user.email, before=before, after=new.value)


@transaction.atomic
def _end(request: TeamRequest, membership: Membership, action: AuditAction) -> None:
    with _both_still_here():
        membership.end(by=request.membership)
    note(request, action, membership.user, email=membership.user.email, role=membership.role)


@contextmanager
def _both_still_here() -> Iterator[None]:
    """Answer 404 where somebody was removed in this very moment."""
    try:
        yield
    except Membership.DoesNotExist:
        raise Http404 from None


def _leaving_page(request: TeamRequest, status: int = 200) -> HttpResponse:
    context = {"means": leaving_means(), "is_last_owner": request.membership.is_last_owner}
    return render(request, "teams/leaving.html", context, status=status)


def _page(request: TeamRequest, form: InviteForm | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form or InviteForm(request.team, request.user),
        **roster(request.membership),
    }
    return render(request, "teams/members.html", context, status=status)
