"""The way in: the person's team, or a first one of their own."""

from typing import cast

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor, address_of
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.models import Membership, Team


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The person's last team, or a word of welcome where they have none yet."""
    membership = Membership.objects.of(cast(User, request.user)).first()
    if membership is None:
        return render(request, "teams/none.html", {"form": NewTeamForm()})
    return redirect("generations:create", team=membership.team.slug)


class NewTeamForm(forms.Form):
    name = forms.CharField(label=_("Name of the team"), max_length=80)


@require_http_methods(["POST"])
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Start a team of one's own, where SIGNUP is open (interface.md, Settings); 404 elsewhere."""
    if settings.SIGNUP != "open":
        raise Http404
    form = NewTeamForm(request.POST)
    if not form.is_valid():
        return render(request, "teams/none.html", {"form": form}, status=422)
    team = _start(request, form.cleaned_data["name"])
    return redirect("keys:index", team=team.slug)


@transaction.atomic
def _start(request: HttpRequest, name: str) -> Team:
    owner = cast(User, request.user)
    team = Team.objects.start(name, owner)
    AuditEntry.objects.record(team, TeamAction.STARTED, team, actor=Actor(owner, address_of(request)))
    return team
