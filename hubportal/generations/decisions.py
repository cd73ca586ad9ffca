"""What people decide about a generation: cancel it, ask again, settle a doubt, recover it by the hub's id.

Each decision is a resource of its own. Whoever made a generation decides; admins decide for everybody.
"""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hubportal.audit.actor import AuditSubject
from hubportal.generations import tasks
from hubportal.generations.audit_actions import GenerationAction
from hubportal.generations.cards import can_decide, price_today
from hubportal.generations.decision_forms import RecoveryForm, SettlementForm
from hubportal.generations.forms import team_is_being_deleted
from hubportal.generations.model_options import current_model_options
from hubportal.generations.models import Generation, State
from hubportal.generations.recovery import AlreadyHere, look_up
from hubportal.generations.views import detail_page, visible
from hubportal.generations.wording import settled_words
from hubportal.hub.errors import HubError, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.models import Key
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.permissions import Permission

RETRIABLE = (State.FAILED, State.CANCELLED)


def decidable(request: TeamRequest, pk: uuid.UUID) -> Generation:
    """The generation, if this person may decide about it: 404 where they may not see it, else 403."""
    generation = visible(request, pk)
    if not can_decide(request.membership, generation):
        raise PermissionDenied
    return generation


def to_detail(request: TeamRequest, generation: Generation) -> HttpResponse:
    return redirect("generations:detail", team=request.team.slug, pk=generation.pk)


@team_view(Permission.SUBMIT, methods=("POST",))
def cancellation(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw what was not sent yet."""
    generation = decidable(request, pk)
    if generation.cancel():
        messages.success(request, _("Cancelled before it was sent: no credits were spent."))
    elif generation.state != State.CANCELLED:
        messages.warning(request, _("Too late to cancel: it is on its way already."))
    return to_detail(request, generation)


@team_view(Permission.SUBMIT, methods=("POST",))
def retry(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask again for what failed or was cancelled, at today's price. A second time leads to the first."""
    old = decidable(request, pk)
    if request.team.is_being_deleted:
        messages.warning(request, team_is_being_deleted())
        return to_detail(request, old)
    if old.state not in RETRIABLE:
        messages.warning(request, _("Only what failed or was cancelled can be asked for again."))
        return to_detail(request, old)
    return to_detail(request, ask_again(request, old))


def ask_again(request: TeamRequest, old: Generation) -> Generation:
    price = price_today(old, current_model_options())
    with transaction.atomic():
        new, made = Generation.objects.retry(old, request.user, price)
        if made:
            transaction.on_commit(tasks.send.enqueue)
    return new


@team_view(Permission.SETTLE, methods=("POST",))
def settlement(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle a doubt: it went through (perhaps under a known id), or it didn't (and perhaps send it again)."""
    generation = decidable(request, pk)
    if generation.state != State.UNKNOWN:
        return settled_already(request, generation)
    form = SettlementForm(request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422, settlement=form)
    if form.cleaned_data["outcome"] == "not_accepted":
        return not_accepted(request, generation, again=form.cleaned_data["again"])
    if form.cleaned_data["hub_id"]:
        return recovered(request, generation, form)
    with transaction.atomic():
        settled = generation.settle_as_accepted(request.user)
        if settled:
            note_settled(request, generation, "accepted")
    if not settled:
        return settled_already(request, generation)
    messages.success(request, settled_words(generation))
    return to_detail(request, generation)


def note_settled(request: TeamRequest, generation: Generation, verdict: str) -> None:
    note(request, GenerationAction.SETTLED, in_the_trail(generation), verdict=verdict)


def in_the_trail(generation: Generation) -> AuditSubject:
    """What a generation is called in the audit trail: its prompt may be its author's alone."""
    return AuditSubject(generation.pk, str(generation.pk)[:8])


def not_accepted(request: TeamRequest, generation: Generation, *, again: bool) -> HttpResponse:
    with transaction.atomic():
        settled = generation.settle_as_not_accepted(request.user)
        if settled:
            note_settled(request, generation, "not_accepted")
    # Whoever came too late may have been contradicted: then nothing is sent again.
    if not settled:
        return settled_already(request, generation)
    if again and request.team.is_being_deleted:
        messages.warning(request, team_is_being_deleted())
    elif again:
        messages.success(request, _("Settled, and sent again: this is the new one."))
        return to_detail(request, ask_again(request, generation))
    messages.success(request, settled_words(generation))
    return to_detail(request, generation)


def settled_already(request: TeamRequest, generation: Generation) -> HttpResponse:
    messages.info(request, _("Nothing was changed: there is no doubt about this one any more."))
    return to_detail(request, generation)


@team_view(Permission.RECOVER, methods=("POST",))
def recovery(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Bring back a generation, and its pictures, by the hub's id; for admins, whatever became of ours."""
    generation = visible(request, pk)
    form = RecoveryForm(request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422, recovery=form)
    return recovered(request, generation, form)


def recovered(request: TeamRequest, generation: Generation, form: SettlementForm | RecoveryForm) -> HttpResponse:
    """Look the id up at the hub and take up what it says; the form again with a sentence where that fails."""
    hub_id = form.cleaned_data["hub_id"]
    # A doubt about one that has an id of its own is not answered by another's.
    anew = generation.state != State.UNKNOWN or generation.hub_id not in {"", hub_id}
    try:
        key, record = look_up(generation, hub_id, anew=anew)
        found = take_up(request, generation, key, record, anew=anew)
    except (HubError, AlreadyHere, IntegrityError) as error:
        form.add_error("hub_id", why_not(error))
        name = "recovery" if isinstance(form, RecoveryForm) else "settlement"
        return detail_page(request, generation, status=422, **{name: form})
    if found.state == State.UNKNOWN:
        return settled_already(request, found)
    messages.success(request, what_was_found(record))
    return to_detail(request, found)


@transaction.atomic
def take_up(
    request: TeamRequest, generation: Generation, key: Key, record: GenerationRecord, *, anew: bool
) -> Generation:
    """Raises IntegrityError when another generation took up this record meanwhile."""
    if anew:
        generation = Generation.objects.recover(generation, key, record, request.user)
    else:
        generation.recover(key, record, request.user)  # leaves it as it is when somebody settled it meanwhile
    if generation.state != State.UNKNOWN:
        note(request, GenerationAction.RECOVERED, in_the_trail(generation), hub_id=record.id)
    transaction.on_commit(tasks.sweep.enqueue)
    transaction.on_commit(tasks.follow.enqueue)
    return generation


def what_was_found(record: GenerationRecord) -> str:
    if record.outcome == "running":
        return _("Found at the hub, which hasn't finished it yet. It is followed from now on.")
    if record.images:
        return _("Found at the hub. Its pictures are being fetched.")
    return _("Found at the hub, which has made no picture of it.")


def why_not(error: Exception) -> str:
    if isinstance(error, HubError) and not isinstance(error, NotFound):
        return _("The hub can't be asked right now. Nothing was changed; try again in a minute.")
    if isinstance(error, NotFound):
        return _("None of your team's keys finds this id at the hub. Nothing was changed; check the id and try again.")
    return _("A generation of your team has this id already. Nothing was changed.")
