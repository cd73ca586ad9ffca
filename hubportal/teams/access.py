"""Who may open a team's pages: every view of a team is guarded here, and gets the checked team and membership.

What every page may know of the team it shows is here too, as a context processor.

Where a team requires two-factor, whoever has none yet is led to set it up, and may do nothing else there but leave.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.audit.actor import Actor
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Permission


class TeamRequest(HttpRequest):
    """A request that `team_view` let through."""

    team: Team
    membership: Membership
    user: User  # LoginRequiredMiddleware lets nobody else this far
    needs_two_factor: bool  # which the team requires: then no page shows anything of the team around it
    actor: Actor  # for the acts that this request asks for
    htmx: HtmxDetails


type TeamView[**P] = Callable[Concatenate[TeamRequest, P], HttpResponseBase]
type View = Callable[..., HttpResponseBase]


def team_view[**P](permission: Permission, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[TeamView[P]], View]:
    """Guard a view whose address names a team (`<slug:team>`).

    A stranger gets 404, a member whose role has no `permission` gets 403, a wrong method 405; a member without the
    two-factor that the team requires is led to set it up. The view receives the request with `request.team` and
    `request.membership`, and no `team` argument.
    """
    allowed = ("HEAD", *methods) if "GET" in methods else methods

    def decorate(view: TeamView[P]) -> View:
        @wraps(view)
        def guarded(request: TeamRequest, team: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            enter(request, team)
            if request.needs_two_factor and permission is not Permission.LEAVE:
                return redirect_to_second_step(request)
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            request.membership.require(permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]  # read by the test that walks every address
        return guarded

    return decorate


_FIND_MEMBERSHIP = CompiledQuery(
    lambda: Membership.objects.select_related("team").filter(
        user=Parameter("user", User, "pk"), team__slug=Parameter("slug", Team)
    )
)

_FIND_MEMBERSHIPS = CompiledQuery(lambda: Membership.objects.of(Parameter("user", User, "pk")))


def enter(request: TeamRequest, slug: str) -> None:
    """Set `request.team`, `request.membership` and `request.needs_two_factor`, or raise 404."""
    membership = _FIND_MEMBERSHIP.first(user=request.user.pk, slug=slug)
    if membership is None:
        raise Http404
    request.team, request.membership = membership.team, membership
    request.actor = Actor.of(request)
    # One query more, in such teams alone.
    request.needs_two_factor = membership.team.requires_two_factor and not has_two_factor(request.user)
    # A page that is open asks for parts of itself: with one open in each of two teams, every such poll would write.
    if not request.htmx and request.session.get("team") != membership.team_id:
        request.session["team"] = membership.team_id
        membership.mark_opened()


def redirect_to_second_step(request: TeamRequest) -> HttpResponse:
    """A page goes to the one that says what to do; a change is refused with it."""
    page = reverse("teams:second-step", args=[request.team.slug])
    if request.method in ("GET", "HEAD"):
        return HttpResponseClientRedirect(page) if request.htmx else redirect(page)
    response = second_step_page(request, status=403)
    if request.htmx:
        response["HX-Redirect"] = page
    return response


def second_step_page(request: TeamRequest, *, status: int = 200) -> HttpResponse:
    """What to do before the team's pages open, and the way to the person's other teams."""
    return render(request, "teams/second_step.html", {"refused": status == 403}, status=status)


def team_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor.

    frame   the membership whose team the bar shows (`frame_membership`)
    can     `can.<permission>` for the person in this page's team, or else in that of the bar
    teams   the person's memberships, the last used first
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "frame": SimpleLazyObject(lambda: frame_membership(request)),
        "can": SimpleLazyObject(
            lambda: _permissions(getattr(request, "membership", None) or frame_membership(request))
        ),
        "teams": SimpleLazyObject(lambda: _FIND_MEMBERSHIPS.all(user=user.pk)),
    }


def frame_membership(request: HttpRequest) -> Membership | None:
    """The membership whose team the bar shows: this page's, elsewhere that of the team the person was in last.

    None where there is none, or where that team requires a second step that the person has not set up.
    """
    if not hasattr(request, "frame_membership"):
        request.frame_membership = _find_frame_membership(request)  # type: ignore[attr-defined]
    found: Membership | None = request.frame_membership  # type: ignore[attr-defined]
    return found


def _find_frame_membership(request: HttpRequest) -> Membership | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    if hasattr(request, "membership"):
        needs_two_factor: bool = request.needs_two_factor  # type: ignore[attr-defined]
        return None if needs_two_factor else request.membership
    last = next(iter(_FIND_MEMBERSHIPS.all(user=user.pk)), None)
    return None if last is None or (last.team.requires_two_factor and not has_two_factor(user)) else last


def _permissions(membership: Membership | None) -> dict[str, bool]:
    return {one.value: membership is not None and membership.has_permission(one) for one in Permission}
