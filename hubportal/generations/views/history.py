"""The history, as its address asks for it."""

from django.http import HttpResponse
from django.shortcuts import render

from hubportal.generations.history import History
from hubportal.teams.access import TeamRequest


def history(request: TeamRequest) -> HttpResponse:
    found = History(request)
    context = {"history": found, "form": found.form, "options": found.options}
    return render(request, "generations/history.html", context, status=200 if found.is_valid else 422)
