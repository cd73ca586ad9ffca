"""One generation: whole on its page, or its status card alone; and the cards of a page that have changed."""

import uuid
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from hubportal.generations.cards import authors_of_newer, changed_cards, read_moment
from hubportal.generations.decision_forms import ProjectForm, RecoveryForm, SettlementForm
from hubportal.generations.decisions import can_move
from hubportal.generations.model_options import current_model_options
from hubportal.generations.models import Generation, State
from hubportal.generations.reconciliation import attach_evidence, evidence_for
from hubportal.generations.wording.outcomes import news_words
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.projects import open_projects


def visible_generation(request: TeamRequest, pk: uuid.UUID) -> Generation:
    """The generation, if this person may see it; 404 otherwise."""
    return get_object_or_404(Generation.objects.visible_to(request.membership).for_cards(), pk=pk)


@team_view(Permission.LOOK)
def detail(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """One generation, whole. A page that shows it already asks with `seen`, and gets 204 while nothing changed."""
    generation = visible_generation(request, pk)
    if request.htmx and request.GET.get("seen") == str(generation.version):
        return HttpResponse(status=204)
    return detail_page(request, generation)


def _move_form(request: TeamRequest, generation: Generation) -> ProjectForm | None:
    """To move it to another project; None where this person may not, or there is none."""
    if not can_move(request.membership, generation):
        return None
    form = ProjectForm(generation, open_projects(request.team, request.user))
    return form if form.has_choice else None


def detail_page(request: TeamRequest, generation: Generation, *, status: int = 200, **refused: Form) -> HttpResponse:
    """The page of one generation; `refused` are forms that came back with an error, by name."""
    context: dict[str, Any] = {
        "move": _move_form(request, generation),
        "generation": generation,
        "references": generation.references.select_related("stored"),
        "options": current_model_options(request),
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
    context = {"generation": visible_generation(request, pk), "options": current_model_options(request)}
    return render(request, "generations/_card.html", context)


@team_view(Permission.LOOK)
def cards(request: TeamRequest) -> HttpResponse:
    """The cards that changed since the page drew them, and whether others made something since; 204 when neither."""
    changed = changed_cards(request.membership, request.GET.getlist("card"))
    since = read_moment(request.GET.get("since", ""))
    news = authors_of_newer(request.membership, since) if since else []
    if not changed and not news:
        return HttpResponse(status=204)
    attach_evidence(changed)
    context = {"generations": changed, "options": current_model_options(request), "news": news_words(news)}
    return render(request, "generations/_cards.html", context)
