"""Sending an invitation again, cancelling it, and the page behind its link, which anybody may open."""

import uuid
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hubportal.accounts.signup import allow_signup
from hubportal.audit.actor import Actor
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.invitation_links import InvitationLink, resolve_link
from hubportal.teams.invitations import (
    InvitationEndedError,
    InvitationError,
    accept_invitation,
    cancel_invitation,
    resend_invitation,
)
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus
from hubportal.teams.permissions import Permission, Role
from hubportal.teams.views.members import not_found_if_gone
from hubportal.teams.wording import ROLE_MEANINGS, why_ended, why_not_sent

# How long "join, once I'm signed in" is remembered.
JOIN_TIMEOUT = timedelta(hours=1)
SESSION_KEY = "joining"


@team_view(Permission.MANAGE_MEMBERS, methods=("POST",))
def resending(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Mail an invitation again, good for seven more days."""
    invitation = _pending(request, pk)
    try:
        with not_found_if_gone():
            resend_invitation(invitation, actor=request.actor)
    except InvitationEndedError as error:
        messages.error(request, *why_not_sent(error, invitation.email))
    except InvitationError as error:
        why = why_not_sent(error, invitation.email)
        return render(request, "teams/too_often.html", {"why": why}, status=429)
    else:
        messages.success(request, _("It goes to {email} again.").format(email=invitation.email))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def cancellation(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what cancelling an invitation means. POST: cancel it."""
    invitation = _pending(request, pk)
    if request.method != "POST":
        return render(request, "teams/cancellation.html", {"invitation": invitation})
    try:
        cancel_invitation(invitation, actor=request.actor)
    except InvitationEndedError as error:
        messages.error(request, *why_not_sent(error, invitation.email))
    else:
        messages.success(request, _("The invitation of {email} is cancelled.").format(email=invitation.email))
    return redirect("teams:members", team=request.team.slug)


def _pending(request: TeamRequest, pk: uuid.UUID) -> Invitation:
    return get_object_or_404(Invitation.objects.pending().select_related("team"), pk=pk, team=request.team)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET: who invites to which team, as what. POST: join, by way of signing up or in where nobody is signed in."""
    link = resolve_link(token)
    if link is None:
        raise Http404
    actor = Actor.of(request)
    memberships = Membership.objects.select_related("team")
    membership = memberships.filter(team=link.invitation.team_id, user=actor.user).first() if actor.user else None
    if membership and (request.method == "POST" or link.invitation.accepted_by_id == membership.user_id):
        return redirect("generations:create", team=membership.team.slug)
    if link.status is not InvitationStatus.OPEN:
        return _ended(request, link)
    if request.method == "POST" and actor.user is None:
        return _redirect_to_account(request, link)
    # Whoever has just signed up or in said before that they want to join.
    if request.method == "POST" or (request.method == "GET" and actor.user and _wanted_to_join(request, link)):
        return _join(request, link, token, actor)
    meaning = ROLE_MEANINGS[Role(link.invitation.role)]
    context = {"invitation": link.invitation, "meaning": meaning, "membership": membership}
    return render(request, "teams/invitation.html", context)


def _ended(request: HttpRequest, link: InvitationLink) -> HttpResponse:
    return render(request, "teams/invitation_over.html", {"why": why_ended(link.status)}, status=410)


def _redirect_to_account(request: HttpRequest, link: InvitationLink) -> HttpResponse:
    """To the sign-up, or the sign-in where that was asked for; from there the person comes back here and joins."""
    until = (timezone.now() + JOIN_TIMEOUT).timestamp()
    request.session[SESSION_KEY] = {"invitation": link.invitation.pk.hex, "until": until}
    allow_signup(request, email=link.invitation.email, verified=link.proves_address)
    page = "account_login" if request.POST.get("by") == "signing-in" else "account_signup"
    return redirect(f"{reverse(page)}?{urlencode({'next': request.path})}")


def _wanted_to_join(request: HttpRequest, link: InvitationLink) -> bool:
    wanted = request.session.pop(SESSION_KEY, None)
    in_time = wanted is not None and wanted["until"] > timezone.now().timestamp()
    return in_time and wanted["invitation"] == link.invitation.pk.hex


def _join(request: HttpRequest, link: InvitationLink, token: str, actor: Actor) -> HttpResponse:
    try:
        membership = accept_invitation(link.invitation, actor=actor)
    except InvitationEndedError:
        # Read again, to tell what became of it in this very moment.
        return _ended(request, resolve_link(token) or link)
    sentence = _("Welcome to {team}. Your role here: {role}.")
    messages.success(request, sentence.format(team=membership.team, role=membership.role_label))
    return redirect("generations:create", team=membership.team.slug)
