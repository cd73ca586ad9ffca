"""The prompt form and what came of it. Each view binds, calls one verb, renders."""

import uuid
from typing import Any

from django.db import transaction
from django.forms import Form
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from hubportal.generations import references as reference_uploads
from hubportal.generations import tasks
from hubportal.generations.cards import changed_cards, read_uuid
from hubportal.generations.decision_forms import RecoveryForm, SettlementForm
from hubportal.generations.forms import LONGEST_PROMPT, PromptForm
from hubportal.generations.history import PAGE_SIZE, HistoryFilterForm
from hubportal.generations.model_options import current_model_options
from hubportal.generations.models import Generation, State
from hubportal.generations.reconciliation import evidence_for
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

NEWEST = 12


@team_view(Permission.LOOK)
def create(request: TeamRequest) -> HttpResponse:
    """The prompt form, and the newest cards under it."""
    return render(request, "generations/create.html", page_context(request, unbound_form(request)))


def unbound_form(request: TeamRequest) -> PromptForm:
    """The form as the address asks for it: empty, with a prompt, or with all of an earlier generation again."""
    pk = read_uuid(request.GET.get("again", ""))
    again = Generation.objects.visible_to(request.membership).filter(pk=pk).first() if pk else None
    if again is None:
        return PromptForm(request, initial={"prompt": request.GET.get("prompt", "")[:LONGEST_PROMPT]})
    names = ("prompt", "model", "size", "n", "visibility")
    initial = {"quality": again.effort} | {name: getattr(again, name) for name in names}
    references = again.references.select_related("stored")
    return PromptForm(request, initial=initial, taken=reference_uploads.used_before(references, request.user))


def page_context(request: TeamRequest, form: PromptForm) -> dict[str, Any]:
    """What create.html needs: the form, a fresh one-time token, and the newest cards."""
    newest = Generation.objects.visible_to(request.membership).newest()
    mine = "mine" in request.GET
    if mine:
        newest = newest.filter(author=request.user)
    generations = list(newest.for_cards()[:NEWEST])
    return {
        **form_context(form),
        "generations": generations,
        "mine": mine,
        # Without scripts a page refreshes whole, and would take along what is being typed: then it has no form.
        "waiting": "watch" in request.GET and any(generation.is_moving for generation in generations),
    }


def form_context(form: PromptForm) -> dict[str, Any]:
    return {"form": form, "offer": form.offer, "credits": form.credits, "token": uuid.uuid4()}


@team_view(Permission.LOOK, methods=("GET", "POST"))
def generations(request: TeamRequest) -> HttpResponse:
    """GET: the history. POST: submit (which takes a role of its own)."""
    return submit(request) if request.method == "POST" else history(request)


def history(request: TeamRequest) -> HttpResponse:
    offer = current_model_options()
    form = HistoryFilterForm(request.membership, offer.models, request.GET)
    context = {"form": form, "page": form.page_of(form.generations(), PAGE_SIZE), "offer": offer}
    return render(request, "generations/history.html", context, status=form.status)


def submit(request: TeamRequest) -> HttpResponse:
    """Save what was asked and hand it to the worker; the browser gets its card at once."""
    request.membership.require(Permission.SUBMIT)
    form = PromptForm(request, data=request.POST, files=request.FILES)
    if not form.is_valid():
        return form_again(request, form, status=422)
    if "preview" in request.POST:
        return form_again(request, form, status=200)
    generation, made = save(request, form)
    return submitted(request, form, generation, made)


def form_again(request: TeamRequest, form: PromptForm, status: int) -> HttpResponse:
    """The form with all that was typed, and what is wrong with it."""
    if not request.htmx:
        return render(request, "generations/create.html", page_context(request, form), status=status)
    response = render(request, "generations/_form.html", form_context(form), status=status)
    return reswap(retarget(response, "#prompt-form"), "outerHTML")


def save(request: TeamRequest, form: PromptForm) -> tuple[Generation, bool]:
    with transaction.atomic():
        generation, made = Generation.objects.submit(
            request.team,
            request.user,
            form.order,
            references=[(taken.stored, taken.name) for taken in form.taken],
            token=form.one_time_token,
        )
        if made:
            # Within it: the queue is in this database, so the nudge costs no commit of its own.
            tasks.send.enqueue()
    return generation, made


def submitted(request: TeamRequest, form: PromptForm, generation: Generation, made: bool) -> HttpResponse:
    """The new card for htmx; for a plain browser the page, told to keep itself fresh."""
    if not request.htmx:
        page = reverse("generations:create", args=[request.team.slug])
        return redirect(f"{page}?watch#generation-{generation.pk}")
    context = {"generation": generation, "made": made, "token": uuid.uuid4(), "offer": form.offer}
    if made:
        context["credits"] = form.credits.with_reserved(generation.expected_credits or 0)
    response = render(request, "generations/_submitted.html", context)
    trigger_client_event(response, "submitted", {})
    return trigger_client_event(response, "announce", {"value": _("On its way. Its card shows how far it is.")})


def visible(request: TeamRequest, pk: uuid.UUID) -> Generation:
    """The generation, if this person may see it; 404 otherwise."""
    return get_object_or_404(Generation.objects.visible_to(request.membership).for_cards(), pk=pk)


@team_view(Permission.LOOK)
def detail(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """One generation, whole. A page that shows it already asks with `seen`, and gets 204 while nothing changed."""
    generation = visible(request, pk)
    if request.htmx and request.GET.get("seen") == str(generation.version):
        return HttpResponse(status=204)
    return detail_page(request, generation)


def detail_page(request: TeamRequest, generation: Generation, *, status: int = 200, **refused: Form) -> HttpResponse:
    """The page of one generation; `refused` are forms that came back with an error, by name."""
    context: dict[str, Any] = {
        "generation": generation,
        "references": generation.references.select_related("stored"),
        "offer": current_model_options(),
        "evidence": evidence_for(generation) if generation.state == State.UNKNOWN else None,
        "settlement": SettlementForm(),
        "recovery": RecoveryForm(),
        "refused": bool(refused),
        **refused,
    }
    part = "#whole" if request.htmx else ""
    return render(request, f"generations/detail.html{part}", context, status=status)


@team_view(Permission.LOOK)
def card(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    context = {"generation": visible(request, pk), "offer": current_model_options()}
    return render(request, "generations/_card.html", context)


@team_view(Permission.LOOK)
def cards(request: TeamRequest) -> HttpResponse:
    """The cards that changed since the page drew them; 204 when none did."""
    changed = changed_cards(request.membership, request.GET.getlist("card"))
    if not changed:
        return HttpResponse(status=204)
    context = {"generations": changed, "offer": current_model_options()}
    return render(request, "generations/_cards.html", context)


@team_view(Permission.SUBMIT)
def kept_reference(request: TeamRequest, token: str) -> HttpResponseBase:
    """A reference that waits in a form that came back, for whoever uploaded it."""
    found = reference_uploads.kept([token], request.team, request.user)
    if not found:
        raise Http404
    stored = found[0].stored
    response = FileResponse(stored.file.open("rb"), content_type=stored.content_type)
    # Uploaded bytes, opened by themselves, may do nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
