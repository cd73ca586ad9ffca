"""Passing a team on: an owner offers, the other consents or declines."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.audit_actions import OwnershipAction
from hubportal.teams.members import member
from hubportal.teams.models.membership import NoOfferError
from hubportal.teams.permissions import Permission, Role
from hubportal.teams.wording import offer_means


@team_view(Permission.OWN, methods=("GET", "POST"))
def offer(request: TeamRequest, pk: int) -> HttpResponse:
    """GET: what offering ownership means. POST: offer it."""
    to = member(request, pk)
    if to.role == Role.OWNER:
        messages.info(request, _("{name} owns the team already.").format(name=to.user))
        return redirect("teams:members", team=request.team.slug)
    if request.method != "POST":
        return render(request, "teams/offer.html", {"member": to, "means": offer_means(to)})
    with transaction.atomic():
        to.offer_ownership(request.membership)
        note(request, OwnershipAction.OFFERED, to.user, email=to.user.email)
    messages.success(request, _("{name} is asked whether they want to own the team.").format(name=to.user))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.OWN, methods=("POST",))
def withdrawal(request: TeamRequest, pk: int) -> HttpResponse:
    """Take an offer back."""
    to = member(request, pk)
    if to.offered_by_owner is None:
        messages.info(request, _("There is no offer to {name} any more.").format(name=to.user))
        return redirect("teams:members", team=request.team.slug)
    with transaction.atomic():
        to.clear_offer()
        note(request, OwnershipAction.WITHDRAWN, to.user, email=to.user.email)
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
        _take(request)
    except NoOfferError:
        raise Http404 from None
    messages.success(request, _("You own {team} now.").format(team=request.team))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.LOOK, methods=("POST",))
def refusal(request: TeamRequest) -> HttpResponse:
    """Decline. 404 where nothing is offered."""
    giver = request.membership.offered_by_owner
    if giver is None:
        raise Http404
    with transaction.atomic():
        request.membership.clear_offer()
        note(request, OwnershipAction.DECLINED, giver.user, email=giver.user.email)
    messages.success(request, _("All stays as it is; {name} can see that you declined.").format(name=giver.user))
    return redirect("generations:create", team=request.team.slug)


@transaction.atomic
def _take(request: TeamRequest) -> None:
    giver = request.membership.take_ownership()
    note(request, OwnershipAction.PASSED, giver.user, email=giver.user.email)
