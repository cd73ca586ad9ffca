"""Asking people to join: sending, sending again, taking back."""

import uuid
from functools import partial

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.teams import tasks
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.audit_actions import InvitationAction
from hubportal.teams.forms import InviteForm, mails_left, sent_too_often, too_many_pending, too_many_today
from hubportal.teams.models import Invitation
from hubportal.teams.models.invitation import SpentError, TooManyPendingError
from hubportal.teams.permissions import Permission


def invite(request: TeamRequest, form: InviteForm) -> bool:
    """Send what a valid form asks for, or write into it why not."""
    try:
        made = _send(request, form)
    except TooManyPendingError:
        form.add_error("addresses", too_many_pending())
        return False
    sent = ngettext("{count} invitation is on its way.", "{count} invitations are on their way.", len(made))
    messages.success(request, sent.format(count=len(made)))
    for sentence in form.sorted.left_out():
        messages.info(request, sentence)
    return True


@team_view(Permission.MANAGE_MEMBERS, methods=("POST",))
def resending(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Mail an invitation again, good for seven more days."""
    invitation = _pending(request, pk)
    if sent_too_often(invitation):
        return _too_often(
            request,
            _("{email} was sent this several times within the hour. Wait a while, then send it again.").format(
                email=invitation.email
            ),
        )
    if not mails_left(request.team, request.user):
        return _too_often(request, too_many_today())
    try:
        _send_again(request, invitation)
    except SpentError:
        messages.error(request, _spent(invitation))
    else:
        messages.success(request, _("It goes to {email} again.").format(email=invitation.email))
    return redirect("teams:members", team=request.team.slug)


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def cancellation(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what taking an invitation back means. POST: take it back."""
    invitation = _pending(request, pk)
    if request.method != "POST":
        return render(request, "teams/cancellation.html", {"invitation": invitation})
    try:
        _cancel(request, invitation)
    except SpentError:
        messages.error(request, _spent(invitation))
    else:
        messages.success(request, _("The invitation of {email} is cancelled.").format(email=invitation.email))
    return redirect("teams:members", team=request.team.slug)


@transaction.atomic
def _send(request: TeamRequest, form: InviteForm) -> list[Invitation]:
    role = form.cleaned_data["role"]
    made = Invitation.objects.invite(request.team, form.sorted.new, role, request.user)
    for invitation in made:
        note(request, InvitationAction.SENT, invitation)
        transaction.on_commit(partial(tasks.mail_invitation.enqueue, str(invitation.pk)))
    return made


@transaction.atomic
def _send_again(request: TeamRequest, invitation: Invitation) -> None:
    invitation.send_again(request.user)
    note(request, InvitationAction.RESENT, invitation)
    transaction.on_commit(partial(tasks.mail_invitation.enqueue, str(invitation.pk)))


@transaction.atomic
def _cancel(request: TeamRequest, invitation: Invitation) -> None:
    invitation.cancel()
    note(request, InvitationAction.CANCELLED, invitation)


def _pending(request: TeamRequest, pk: uuid.UUID) -> Invitation:
    return get_object_or_404(Invitation.objects.pending(), pk=pk, team=request.team)


def _spent(invitation: Invitation) -> str:
    return _("The invitation of {email} was taken or cancelled a moment ago.").format(email=invitation.email)


def _too_often(request: TeamRequest, why: str) -> HttpResponse:
    return render(request, "teams/too_often.html", {"why": why}, status=429)
