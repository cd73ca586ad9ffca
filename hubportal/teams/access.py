"""The one door to a team's pages: it hands back the checked team and membership, or nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from hubportal.accounts.models import User
from hubportal.teams.models import Membership, Team
from hubportal.teams.roles import Act


class TeamRequest(HttpRequest):
    """A request that came through the door."""

    team: Team
    membership: Membership
    user: User  # LoginRequiredMiddleware lets nobody else this far
    htmx: HtmxDetails


type TeamView[**P] = Callable[Concatenate[TeamRequest, P], HttpResponseBase]
type View = Callable[..., HttpResponseBase]


def team_view[**P](act: Act, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[TeamView[P]], View]:
    """Guard a view whose address names a team (`<slug:team>`).

    A stranger gets 404, a member whose role may not do `act` gets 403, a wrong method 405. The view receives
    the request with `request.team` and `request.membership`, and no `team` argument.
    """
    allowed = ("HEAD", *methods) if "GET" in methods else methods

    def decorate(view: TeamView[P]) -> View:
        @wraps(view)
        def guarded(request: TeamRequest, team: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            enter(request, team)
            if request.method not in allowed:
                return HttpResponseNotAllowed(allowed)
            request.membership.require(act)
            return view(request, *args, **kwargs)

        guarded.act = act  # type: ignore[attr-defined]  # read by the test that walks every address
        return guarded

    return decorate


def enter(request: TeamRequest, slug: str) -> None:
    """Set `request.team` and `request.membership`, or raise 404."""
    membership = Membership.objects.select_related("team").filter(user=request.user, team__slug=slug).first()
    if membership is None:
        raise Http404
    request.team, request.membership = membership.team, membership
    if request.session.get("team") != membership.team_id:
        request.session["team"] = membership.team_id
        membership.opened()
