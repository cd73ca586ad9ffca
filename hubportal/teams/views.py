"""The way in, and the list of who is in a team."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hubportal.accounts.models import User
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.models import Membership
from hubportal.teams.roles import Act


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The person's last team, or a word of welcome where they have none yet."""
    membership = Membership.objects.of(cast(User, request.user)).first()
    if membership is None:
        return render(request, "teams/none.html")
    return redirect("generations:create", team=membership.team.slug)


@team_view(Act.MANAGE_MEMBERS)
def members(request: TeamRequest) -> HttpResponse:
    people = request.team.memberships.select_related("user").order_by("user__name", "user__email")
    return render(request, "teams/members.html", {"people": people})
