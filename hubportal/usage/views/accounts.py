"""What an admin says of the hub's accounts that the keys belong to: each saying is a resource of its own."""

import uuid
from contextlib import suppress
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from hubportal.keys.models import Key
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.reconciliation import join_accounts, keep_accounts_apart, separate_account
from hubportal.usage.views.overview import usage_page


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def account(request: TeamRequest, account: uuid.UUID) -> HttpResponse:
    """Say whether two accounts that move alike (`other`) are `answer=one` or `two`."""
    if not Key.objects.filter(team=request.team, account=account).exists():
        raise Http404
    other, answer = None, request.POST.get("answer")
    with suppress(ValueError):
        other = uuid.UUID(request.POST.get("other", ""))
    if other is None or answer not in ("one", "two"):
        return usage_page(request, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    act = join_accounts if answer == "one" else keep_accounts_apart
    if not act(request.team, account, other, actor=request.actor):
        messages.info(request, _("Nothing was changed: somebody has said so already, or a key is gone."))
    elif answer == "one":
        messages.success(
            request, _("They are counted as one account: its credits once, whatever key they are spent with.")
        )
    else:
        messages.success(request, _("They are counted as two accounts."))
    return redirect("usage:overview", team=request.team.slug)


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def separate_key(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Count a key by itself that was taken for one of an account with others."""
    key = get_object_or_404(Key.objects.present().select_related("team"), pk=pk, team=request.team)
    if separate_account(key, actor=request.actor):
        messages.success(request, _("{key} is counted by itself from now on.").format(key=key))
    else:
        messages.info(request, _("Nothing was changed: {key} shares no account.").format(key=key))
    return redirect("usage:overview", team=request.team.slug)
