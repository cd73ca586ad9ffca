"""Who is in the team: the page, and changing a role, removing, leaving."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from hubportal.accounts.models import User
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.forms import InviteForm, RoleForm
from hubportal.teams.invitation_links import link_to
from hubportal.teams.invitations import InvitationError, invite_people
from hubportal.teams.memberships import LastOwnerError, change_role, leave_team, remove_member
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus
from hubportal.teams.permissions import ASSIGNABLE_ROLES, ROLE_PERMISSIONS, Permission, Role
from hubportal.teams.wording import (
    StatusText,
    invited,
    last_owner,
    leaving_consequences,
    left_out,
    removal_consequences,
    role_changed,
    status_text,
    why_not_sent,
)

MAX_ACCEPTED_SHOWN = 20


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def members(request: TeamRequest) -> HttpResponse:
    """GET: who is in the team, and who is invited. POST: invite people."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _invite(request, form):
        return redirect("teams:members", team=request.team.slug)
    if form.is_bound:
        form.focus_error()
    return _page(request, form, status=422 if form.is_bound else 200)


@team_view(Permission.MANAGE_MEMBERS, methods=("POST",))
def role(request: TeamRequest, pk: int) -> HttpResponse:
    """Give somebody another role; ownership is offered, not given. A page with scripts gets the people anew."""
    membership = member(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _role_refused(request, _("Choose another role. Ownership can't be given, only offered."))
    new = Role(form.cleaned_data["role"])
    try:
        with not_found_if_gone():
            change_role(membership, new, actor=request.actor)
    except LastOwnerError:
        return _role_refused(request, last_owner(membership.user.display_name))
    said = role_changed(membership.user.display_name, new)
    if request.htmx and membership != request.membership:
        return _people_again(request, "success", said)
    messages.success(request, said)
    # One's own role may be the one that changed.
    stays = Membership.objects.get(pk=request.membership.pk).has_permission(Permission.MANAGE_MEMBERS)
    return redirect("teams:members" if stays else "generations:create", team=request.team.slug)


def _role_refused(request: TeamRequest, said: str) -> HttpResponse:
    if request.htmx:
        return _people_again(request, "error", said, status=422)
    messages.error(request, said)
    return _page(request, status=422)


def _people_again(request: TeamRequest, level: str, said: str, status: int = 200) -> HttpResponse:
    """The list of people as it is now, and a message for static/js/notices.js."""
    response = render(request, "teams/_people.html", {"people": _member_rows(request)}, status=status)
    return trigger_client_event(response, "notice", {"level": level, "text": said})


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: int) -> HttpResponse:
    """GET: what removing somebody means. POST: remove them."""
    membership = member(request, pk)
    if membership == request.membership:
        return redirect("teams:leaving", team=request.team.slug)
    if request.method != "POST":
        context = {"member": membership, "consequences": removal_consequences(membership)}
        return render(request, "teams/removal.html", context)
    try:
        with not_found_if_gone():
            remove_member(membership, actor=request.actor)
    except LastOwnerError:
        messages.error(request, last_owner(membership.user.display_name))
        return _page(request, status=422)
    messages.success(request, _("{name} is no longer in the team.").format(name=membership.user))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.LEAVE, methods=("GET", "POST"))
def leaving(request: TeamRequest) -> HttpResponse:
    """GET: what leaving means. POST: leave; the last owner can't."""
    status = 200
    if request.method == "POST":
        try:
            with not_found_if_gone():
                leave_team(request.membership, actor=request.actor)
        except LastOwnerError:
            status = 422
        else:
            messages.success(request, _("You have left {team}.").format(team=request.team))
            return redirect("home")
    context = {"consequences": leaving_consequences(), "is_last_owner": request.membership.is_last_owner}
    return render(request, "teams/leaving.html", context, status=status)


def member(request: TeamRequest, pk: int) -> Membership:
    """The membership of this team with that number, or 404."""
    return get_object_or_404(request.team.memberships.select_related("user", "team"), pk=pk)


@contextmanager
def not_found_if_gone() -> Iterator[None]:
    """Answer 404 where somebody was removed, or the team deleted, in this very moment."""
    try:
        yield
    except ObjectDoesNotExist:
        raise Http404 from None


def _invite(request: TeamRequest, form: InviteForm) -> bool:
    """Invite whom a valid form names, or write into it why not."""
    role = Role(form.cleaned_data["role"])
    try:
        with not_found_if_gone():
            result = invite_people(request.team, form.cleaned_data["addresses"], role, actor=request.actor)
    except InvitationError as error:
        form.add_error("addresses", why_not_sent(error))
        return False
    messages.success(request, invited(result))
    for sentence in left_out(result):
        messages.info(request, sentence)
    return True


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody in the team, and what the one who looks at the page may do about them."""

    membership: Membership
    is_you: bool
    roles: list[Role]  # that may be given to them, with the one they have; empty where it can't be changed
    removable: bool
    offered_until: datetime | None  # UTC
    may_be_offered: bool


@dataclass(frozen=True, slots=True)
class PendingRow:
    """A pending invitation. `link` is for whoever looks at the page; empty where it would not work."""

    invitation: Invitation
    status: InvitationStatus
    text: StatusText
    link: str


def _page(request: TeamRequest, form: InviteForm | None = None, status: int = 200) -> HttpResponse:
    team = request.team
    pending = Invitation.objects.filter(team=team).pending().with_status().select_related("invited_by")
    accepted = Invitation.objects.filter(team=team).exclude(accepted_at=None)
    context: dict[str, Any] = {
        "form": form or InviteForm(),
        "people": _member_rows(request),
        "pending": [_pending_row(one, request.user) for one in pending.order_by("-expires_at", "email")],
        "accepted": accepted.select_related("accepted_by", "invited_by").order_by("-accepted_at")[:MAX_ACCEPTED_SHOWN],
        "roles": list(Role),
        "permissions": [(one, [role in ROLE_PERMISSIONS[one] for role in Role]) for one in Permission],
    }
    return render(request, "teams/members.html", context, status=status)


def _member_rows(request: TeamRequest) -> list[MemberRow]:
    people = list(request.team.memberships.select_related("user").order_by("user__name", "user__email"))
    owners = {person.user_id for person in people if person.role == Role.OWNER}
    return [_member_row(person, request.membership, owners) for person in people]


def _member_row(membership: Membership, you: Membership, owners: set[int]) -> MemberRow:
    is_owner, is_last_owner = membership.role == Role.OWNER, owners == {membership.user_id}
    manageable = you.can_manage(membership) and not is_last_owner
    offered_until = membership.offer_ends_at if membership.ownership_offered_by_id in owners else None
    return MemberRow(
        membership,
        is_you=membership == you,
        roles=[*([Role.OWNER] if is_owner else []), *ASSIGNABLE_ROLES] if manageable else [],
        removable=manageable and membership != you,
        offered_until=offered_until,
        may_be_offered=you.has_permission(Permission.OWN) and not is_owner and offered_until is None,
    )


def _pending_row(invitation: Invitation, you: User) -> PendingRow:
    status = invitation.status
    link = link_to(invitation, copied_by=you) if status is InvitationStatus.OPEN else ""
    return PendingRow(invitation, status, status_text(invitation, status), link)
