"""The create page: the prompt form, the newest cards, and submitting."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from hubportal.generations import references as reference_uploads
from hubportal.generations.cards import Card, cards_of_page, read_uuid
from hubportal.generations.forms import PromptForm
from hubportal.generations.models import Generation, Image
from hubportal.generations.problems import SubmissionRefused
from hubportal.generations.reconciliation import attach_evidence
from hubportal.generations.references import ReferenceUpload
from hubportal.generations.submission import MAX_PROMPT_LENGTH, Submission, submit_generation
from hubportal.generations.views.history import history
from hubportal.generations.wording.orders import upload_problem
from hubportal.imaging import InvalidImage
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK)
def create(request: TeamRequest) -> HttpResponse:
    """The prompt form, and the newest cards under it."""
    return render(request, "generations/create.html", _page_context(request, _unbound_form(request)))


def _unbound_form(request: TeamRequest) -> PromptForm:
    """The form as the address asks for it: empty, with a prompt, or with all of an earlier generation again.

    And with one of the team's pictures as a reference.
    """
    pk = read_uuid(request.GET.get("again", ""))
    again = Generation.objects.visible_to(request.membership).filter(pk=pk).first() if pk else None
    form = _form_again_for(request, again) if again else _form_with_prompt(request)
    form.uploads += _picture_as_reference(request)
    return form


def _form_with_prompt(request: TeamRequest) -> PromptForm:
    return PromptForm(request, initial={"prompt": request.GET.get("prompt", "")[:MAX_PROMPT_LENGTH]})


def _picture_as_reference(request: TeamRequest) -> list[ReferenceUpload]:
    """The picture that the address names with `reference`; none, and said so, where it can't be had."""
    asked = request.GET.get("reference")
    if not asked or not request.membership.has_permission(Permission.SUBMIT):
        return []
    seen = Generation.objects.visible_to(request.membership)
    pictures = Image.objects.present().filter(generation__in=seen, pk=read_uuid(asked))
    image = pictures.select_related("team").first()
    try:
        if image is not None and image.is_shown:
            return [reference_uploads.use_picture(image, request.user)]
    except InvalidImage as refusal:
        messages.warning(request, upload_problem(_("The picture"), refusal.reason))
        return []
    except FileNotFoundError:
        pass
    messages.warning(request, _("That picture can't be used as a reference: it is no longer here."))
    return []


def _form_again_for(request: TeamRequest, again: Generation) -> PromptForm:
    """The form with all that was asked before, references included."""
    names = ("prompt", "model", "size", "n", "visibility")
    initial = {"quality": again.effort} | again.options | {name: getattr(again, name) for name in names}
    initial |= {"project": again.project_id, "again": again.pk}
    references = again.references.select_related("stored")
    return PromptForm(request, initial=initial, uploads=reference_uploads.uploads_of(references, request.user))


def _page_context(request: TeamRequest, form: PromptForm) -> dict[str, Any]:
    """What create.html needs: the form, a fresh one-time token, and the newest cards."""
    mine = "mine" in request.GET
    cards = cards_of_page(request.membership, form.options.key, mine=mine)
    attach_evidence(card.generation for card in cards if card.generation)
    return {
        **_form_context(form),
        "cards": cards,
        "mine": mine,
        "since": _drawn_at(request, cards),
        # Without scripts a page refreshes whole, and would take along what is being typed: then it has no form.
        "waiting": "watch" in request.GET and any(card.row.is_moving for card in cards),
    }


def _drawn_at(request: TeamRequest, cards: list[Card]) -> datetime:
    """From when on others' work is news to this page.

    By what it shows, not by the clock: what was being saved while it was drawn is not on it, and is older.
    """
    shown = [card.row.created_at for card in cards if card.row.author_id != request.user.pk]
    return max(shown, default=timezone.now() - timedelta(minutes=1))


def _form_context(form: PromptForm) -> dict[str, Any]:
    return {"form": form, "options": form.options, "credits": form.credits, "token": uuid.uuid4()}


@team_view(Permission.LOOK, methods=("GET", "POST"))
def generations(request: TeamRequest) -> HttpResponse:
    """GET: the history. POST: submit (which takes a permission of its own)."""
    return _submit(request) if request.method == "POST" else history(request)


def _submit(request: TeamRequest) -> HttpResponse:
    """Save what was asked and hand it to the worker; the browser gets its card at once."""
    request.membership.require(Permission.SUBMIT)
    form = PromptForm(request, data=request.POST, files=request.FILES)
    if not form.is_valid() or "preview" in request.POST:
        form.add_all_problems()
        return _form_again(request, form, status=200 if form.is_valid() else 422)
    try:
        submission = submit_generation(
            request.team,
            request.user,
            form.parameters,
            visibility=form.visibility_asked,
            project=form.project_asked,
            price_shown=form.cleaned_data["price_shown"],
            references=form.uploads,
            token=form.token_sent,
            remix_of=_remixed(request, form),
        )
    except SubmissionRefused as refusal:
        form.add_problems(refusal.problems)
        return _form_again(request, form, status=422)
    return _submitted(request, form, submission)


def _remixed(request: TeamRequest, form: PromptForm) -> uuid.UUID | None:
    """The generation that the form was made from, if this person may see it."""
    seen = Generation.objects.visible_to(request.membership)
    return form.again if form.again and seen.filter(pk=form.again).exists() else None


def _form_again(request: TeamRequest, form: PromptForm, status: int) -> HttpResponse:
    """The form with all that was typed, and what is wrong with it."""
    if not request.htmx:
        return render(request, "generations/create.html", _page_context(request, form), status=status)
    response = render(request, "generations/_form.html", _form_context(form), status=status)
    return reswap(retarget(response, "#prompt-form"), "outerHTML")


def _submitted(request: TeamRequest, form: PromptForm, submission: Submission) -> HttpResponse:
    """The new card for htmx; for a plain browser the page, told to keep itself fresh."""
    generation = submission.generation
    if not request.htmx:
        page = reverse("generations:create", args=[request.team.slug])
        return redirect(f"{page}?watch#generation-{generation.pk}")
    # The card asks for them in several places.
    prefetch_related_objects([generation], "images", "references", "retries")
    context = {
        "generation": generation,
        "is_new": submission.is_new,
        "credits": submission.credits,
        "token": uuid.uuid4(),
        "options": form.options,
    }
    response = render(request, "generations/_submitted.html", context)
    trigger_client_event(response, "submitted", {})
    return trigger_client_event(response, "announce", {"value": _("On its way. Its card shows how far it is.")})


@team_view(Permission.SUBMIT)
def kept_reference(request: TeamRequest, token: str) -> HttpResponseBase:
    """A reference that waits in a form that came back, for whoever uploaded it."""
    found, _lost = reference_uploads.read_tokens([token], request.team, request.user)
    if not found:
        raise Http404
    stored = found[0].stored
    response = FileResponse(stored.file.open("rb"), content_type=stored.content_type)
    # Uploaded bytes, opened by themselves, may do nothing.
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
