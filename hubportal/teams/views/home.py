"""Where a person starts: their team, or a first one of their own."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.teams.forms import NewTeamForm
from hubportal.teams.models import Membership
from hubportal.teams.teams import start_team


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The person's last team, or a welcome where they have none yet."""
    membership = Membership.objects.of(cast(User, request.user)).first()
    if membership is None:
        return render(request, "teams/none.html", {"form": NewTeamForm()})
    return redirect("generations:create", team=membership.team.slug)


@require_http_methods(["POST"])
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Start a team of one's own, where SIGNUP is open (interface.md, Settings); 404 elsewhere."""
    if settings.SIGNUP != "open":
        raise Http404
    form = NewTeamForm(request.POST)
    if not form.is_valid():
        return render(request, "teams/none.html", {"form": form}, status=422)
    actor = Actor.of(request)
    team = start_team(form.cleaned_data["name"], actor.person, actor=actor)
    return redirect("keys:index", team=team.slug)
