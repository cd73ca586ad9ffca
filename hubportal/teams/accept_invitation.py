"""The page behind an invitation's link, which anybody may open, and joining the team with it."""

from datetime import timedelta
from typing import cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from hubportal.accounts.models import User
from hubportal.accounts.signup_permission import let_sign_up
from hubportal.audit.actor import Actor, address_of
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.invitation_links import Link, follow
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.models.invitation import InvitationStatus, SpentError
from hubportal.teams.permissions import Role
from hubportal.teams.wording import MEANS, why_over

# How long "join, once I'm signed in" is remembered.
REMEMBERED_FOR = timedelta(hours=1)
IN_SESSION = "joining"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET: who invites to which team, as what. POST: join, by way of signing up or in where nobody is signed in."""
    link = follow(token)
    if link is None:
        raise Http404
    signed_in = request.user.is_authenticated
    here = _place(request, link) if signed_in else None
    if here and (request.method == "POST" or link.invitation.accepted_by_id == here.user_id):
        return redirect("generations:create", team=here.team.slug)
    if link.status is not InvitationStatus.OPEN:
        return _over(request, link)
    if request.method == "POST" and not signed_in:
        return _lead_to_account(request, link)
    # Whoever has just signed up or in said before that they want to join.
    if request.method == "POST" or (request.method == "GET" and signed_in and _wanted_to_join(request, link)):
        return _join(request, link, token)
    context = {"invitation": link.invitation, "means": MEANS[Role(link.invitation.role)], "here": here}
    return render(request, "teams/invitation.html", context)


def _place(request: HttpRequest, link: Link) -> Membership | None:
    """The place in the team of somebody who is in it already."""
    places = Membership.objects.select_related("team")
    return places.filter(team=link.invitation.team_id, user=cast(User, request.user)).first()


def _over(request: HttpRequest, link: Link) -> HttpResponse:
    why = why_over(link.invitation, link.status)
    return render(request, "teams/invitation_over.html", {"why": why}, status=410)


def _lead_to_account(request: HttpRequest, link: Link) -> HttpResponse:
    """To the sign-up, or the sign-in where that was asked for; from there the person comes back here and is in."""
    until = (timezone.now() + REMEMBERED_FOR).timestamp()
    request.session[IN_SESSION] = {"invitation": link.invitation.pk.hex, "until": until}
    let_sign_up(request, email=link.invitation.email, verified=link.proves_address)
    page = "account_login" if request.POST.get("by") == "signing-in" else "account_signup"
    return redirect(f"{reverse(page)}?{urlencode({'next': request.path})}")


def _wanted_to_join(request: HttpRequest, link: Link) -> bool:
    wanted = request.session.pop(IN_SESSION, None)
    in_time = wanted is not None and wanted["until"] > timezone.now().timestamp()
    return in_time and wanted["invitation"] == link.invitation.pk.hex


def _join(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    try:
        membership = _take(request, link.invitation)
    except SpentError:
        # Read again, to tell what became of it in this very moment.
        return _over(request, follow(token) or link)
    messages.success(
        request,
        _("Welcome to {team}. Your role here: {role}.").format(team=membership.team, role=membership.role_label),
    )
    return redirect("generations:create", team=membership.team.slug)


@transaction.atomic
def _take(request: HttpRequest, invitation: Invitation) -> Membership:
    user = cast(User, request.user)
    membership, joined = invitation.accept(user)
    if joined:
        by = str(invitation.invited_by)
        AuditEntry.objects.record(
            invitation.team, MemberAction.JOINED, invitation, invited_by=by, actor=Actor(user, address_of(request))
        )
    return membership
