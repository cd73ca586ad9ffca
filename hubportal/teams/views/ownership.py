"""Passing a team on: an owner offers, the other consents or declines."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.ownership import (
    AlreadyOwnerError,
    NoOfferError,
    accept_ownership,
    decline_ownership,
    offer_ownership,
    withdraw_offer,
)
from hubportal.teams.permissions import Permission, Role
from hubportal.teams.views.members import member, not_found_if_gone
from hubportal.teams.wording import offer_consequences


@team_view(Permission.OWN, methods=("GET", "POST"))
def offer(request: TeamRequest, pk: int) -> HttpResponse:
    """GET: what offering ownership means. POST: offer it."""
    to = member(request, pk)
    if to.role != Role.OWNER and request.method != "POST":
        return render(request, "teams/offer.html", {"member": to, "consequences": offer_consequences(to)})
    try:
        if request.method == "POST":
            with not_found_if_gone():
                offer_ownership(to, actor=request.actor)
            messages.success(request, _("{name} is asked whether they want to own the team.").format(name=to.user))
    except AlreadyOwnerError:
        messages.info(request, _("{name} owns the team already.").format(name=to.user))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.OWN, methods=("POST",))
def withdrawal(request: TeamRequest, pk: int) -> HttpResponse:
    """Take an offer back."""
    to = member(request, pk)
    try:
        with not_found_if_gone():
            withdraw_offer(to, actor=request.actor)
    except NoOfferError:
        messages.info(request, _("There is no offer to {name} any more.").format(name=to.user))
    else:
        messages.success(request, _("{name} is no longer asked.").format(name=to.user))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.LOOK, methods=("GET", "POST"))
def ownership(request: TeamRequest) -> HttpResponse:
    """GET: what the person is offered. POST: consent. 404 where nothing is offered."""
    giver = request.membership.offered_by_owner
    if giver is None:
        raise Http404
    if request.method != "POST":
        return render(request, "teams/ownership.html", {"giver": giver})
    try:
        with not_found_if_gone():
            accept_ownership(request.membership, actor=request.actor)
    except NoOfferError:
        raise Http404 from None
    messages.success(request, _("You own {team} now.").format(team=request.team))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.LOOK, methods=("POST",))
def refusal(request: TeamRequest) -> HttpResponse:
    """Decline. 404 where nothing is offered."""
    try:
        with not_found_if_gone():
            giver = decline_ownership(request.membership, actor=request.actor)
    except NoOfferError:
        raise Http404 from None
    messages.success(request, _("All stays as it is; {name} can see that you declined.").format(name=giver.user))
    return redirect("generations:create", team=request.team.slug)
