"""The history, as its address asks for it."""

from django.http import HttpResponse
from django.shortcuts import render

from hubportal.generations.history import PAGE_SIZE, HistoryFilterForm, history_rows
from hubportal.generations.model_options import current_model_options
from hubportal.teams.access import TeamRequest


def history(request: TeamRequest) -> HttpResponse:
    options = current_model_options(request)
    form = HistoryFilterForm(request.membership, options.models, request.GET)
    page = form.page_of(form.generations(), PAGE_SIZE)
    rows = history_rows(page.items, request.membership, options.key)
    context = {"form": form, "page": page, "rows": rows, "options": options}
    return render(request, "generations/history.html", context, status=form.status)
