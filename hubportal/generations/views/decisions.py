"""What people decide about a generation. Each decision is a resource of its own."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from hubportal.generations import decisions
from hubportal.generations.decision_forms import ProjectForm, RecoveryForm, SettlementForm, VisibilityForm
from hubportal.generations.live_limits import way_to_more
from hubportal.generations.model_options import current_model_options
from hubportal.generations.models import Generation, State
from hubportal.generations.problems import SubmissionRefused
from hubportal.generations.recovery import AlreadyHere
from hubportal.generations.submission import Submission
from hubportal.generations.views.cards import detail_page, visible_generation
from hubportal.generations.wording.doubts import not_recovered_words, recovered_words
from hubportal.generations.wording.orders import problem_sentence
from hubportal.generations.wording.outcomes import settled_words
from hubportal.generations.wording.sharing import seen_by_words
from hubportal.hub.errors import HubError
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.projects import find_project, open_projects


def _decidable_generation(request: TeamRequest, pk: uuid.UUID) -> Generation:
    """The generation, if this person may decide about it: 404 where they may not see it, else 403."""
    generation = visible_generation(request, pk)
    if not decisions.can_decide(request.membership, generation):
        raise PermissionDenied
    return generation


def _to_detail(request: TeamRequest, generation: Generation) -> HttpResponse:
    return redirect("generations:detail", team=request.team.slug, pk=generation.pk)


def _card_again(request: TeamRequest, generation: Generation, submission: Submission | None = None) -> HttpResponse:
    """For a decision on a card: the card as it is now, what was to be said, and the card of what was asked again."""
    context = {
        "generation": visible_generation(request, generation.pk),
        "new": submission.generation if submission else None,
        "options": current_model_options(request),
    }
    return render(request, "generations/_decided.html", context)


@team_view(Permission.SUBMIT, methods=("POST",))
def cancellation(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw what was not sent yet."""
    generation = _decidable_generation(request, pk)
    if decisions.cancel_generation(generation):
        messages.success(request, _("Cancelled before it was sent: no credits were spent."))
    elif generation.state != State.CANCELLED:
        messages.warning(request, _("Too late to cancel: it is on its way already."))
    return _card_again(request, generation) if request.htmx else _to_detail(request, generation)


@team_view(Permission.SUBMIT, methods=("POST",))
def retry(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask again for what failed or was cancelled, at today's price. A second time leads to the first."""
    return _retry(request, _decidable_generation(request, pk))


def _retry(request: TeamRequest, old: Generation) -> HttpResponse:
    try:
        again = decisions.retry_generation(old, request.user)
        return _card_again(request, old, again) if request.htmx else _to_detail(request, again.generation)
    except decisions.NotRetriable:
        messages.warning(request, _("Only what failed or was cancelled can be asked for again."))
    except SubmissionRefused as refusal:
        for problem in refusal.problems:
            said = {"sentence": problem_sentence(problem), "more": way_to_more(request.team, problem)}
            messages.warning(request, render_to_string("generations/_refused.html", said))
    return _card_again(request, old) if request.htmx else _to_detail(request, old)


@team_view(Permission.SUBMIT, methods=("POST",))
def visibility(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Its author decides who sees it."""
    generation = visible_generation(request, pk)
    form = VisibilityForm(request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422)
    if decisions.change_visibility(generation, form.cleaned_data["visibility"], request.actor):
        messages.success(request, seen_by_words(generation))
    return _to_detail(request, generation)


@team_view(Permission.SUBMIT, methods=("POST",))
def project(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Its author, or an admin, says what project it is for."""
    generation = visible_generation(request, pk)
    if not decisions.can_move(request.membership, generation):
        raise PermissionDenied
    form = ProjectForm(generation, open_projects(request.team, request.user), request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422, move=form)
    chosen = find_project(request.team, form.cleaned_data["project"])
    try:
        moved = decisions.change_project(generation, chosen, request.actor)
    except decisions.ProjectNotOpen:
        form.add_error("project", _("That project was archived meanwhile. Choose another one."))
        return detail_page(request, generation, status=422, move=form)
    if moved and chosen:
        messages.success(request, _("It is for {project} from now on.").format(project=chosen))
    elif moved:
        messages.success(request, _("It is for no project from now on."))
    return _to_detail(request, generation)


@team_view(Permission.SETTLE, methods=("POST",))
def settlement(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle a doubt: it went through (perhaps under a known id), or it didn't (and perhaps send it again)."""
    generation = _decidable_generation(request, pk)
    if generation.state != State.UNKNOWN:
        return _nothing_to_settle(request, generation)
    form = SettlementForm(request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422, settlement=form)
    if form.cleaned_data["hub_id"] and form.cleaned_data["outcome"] == "accepted":
        return _recover(request, generation, form)
    accepted = form.cleaned_data["outcome"] == "accepted"
    settle = decisions.settle_as_accepted if accepted else decisions.settle_as_not_accepted
    try:
        settle(generation, request.actor)
    except decisions.NothingToSettle:
        return _nothing_to_settle(request, generation)
    messages.success(request, settled_words(generation))
    if form.cleaned_data["again"] and not accepted:
        return _retry(request, generation)
    return _to_detail(request, generation)


def _nothing_to_settle(request: TeamRequest, generation: Generation) -> HttpResponse:
    messages.info(request, _("Nothing was changed: there is no doubt about this one any more."))
    return _to_detail(request, generation)


@team_view(Permission.RECOVER, methods=("POST",))
def recovery(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Bring back a generation, and its pictures, by the hub's id; for admins, whatever became of ours."""
    generation = visible_generation(request, pk)
    form = RecoveryForm(request.POST)
    if not form.is_valid():
        return detail_page(request, generation, status=422, recovery=form)
    return _recover(request, generation, form)


def _recover(request: TeamRequest, generation: Generation, form: SettlementForm | RecoveryForm) -> HttpResponse:
    """Take up what the hub says of this id; the form again with a sentence where that fails."""
    try:
        found, record = decisions.recover_generation(generation, form.cleaned_data["hub_id"], request.actor)
    except decisions.NothingToSettle:
        return _nothing_to_settle(request, generation)
    except (HubError, AlreadyHere) as error:
        form.add_error("hub_id", not_recovered_words(error))
        name = "recovery" if isinstance(form, RecoveryForm) else "settlement"
        return detail_page(request, generation, status=422, **{name: form})
    messages.success(request, recovered_words(record))
    return _to_detail(request, found)
