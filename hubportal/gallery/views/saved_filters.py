"""What somebody looks for again and again: the page of it, saving and forgetting."""

import uuid

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.gallery.models import SavedFilter
from hubportal.gallery.models.saved_filter import MAX_NAME_LENGTH
from hubportal.gallery.saved_filters import (
    MAX_OF_A_PERSON,
    NothingAsked,
    TooManyFilters,
    filters_of,
    forget_filter,
    save_filter,
)
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


class SaveForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": gettext_lazy("Give what you look for a name."),
            "max_length": gettext_lazy("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    query = forms.CharField(required=False, widget=forms.HiddenInput)


@team_view(Permission.LOOK, methods=("GET", "POST"))
def saved_filters(request: TeamRequest) -> HttpResponse:
    """What this person saved, and a form to save what the address asks for. POST saves, and leads to the gallery."""
    if request.method != "POST":
        return _page(request, SaveForm(initial={"query": request.GET.urlencode()}), request.GET.urlencode())
    form = SaveForm(request.POST)
    query = request.POST.get("query", "")
    if not form.is_valid():
        return _page(request, form, query, status=422)
    try:
        saved = save_filter(request.membership, form.cleaned_data["name"], query)
    except ValidationError as refusal:
        form.add_error("name", refusal)
    except NothingAsked:
        form.add_error("name", _("Choose a filter or words in the gallery first: there is nothing to save."))
    except TooManyFilters:
        text = _("You have saved %(number)d already: forget one first.")
        form.add_error("name", text % {"number": MAX_OF_A_PERSON})
    else:
        messages.success(request, _("“%(name)s” is saved. You find it under Saved.") % {"name": saved})
        return redirect(reverse("gallery:index", args=[request.team.slug]) + saved.query)
    return _page(request, form, query, status=422)


@team_view(Permission.LOOK, methods=("POST",))
def forgetting(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Forget one; the pictures stay where they are."""
    if not forget_filter(request.membership, pk):
        raise Http404
    messages.success(request, _("Forgotten. The pictures stay in the gallery."))
    return redirect("gallery:saved-filters", team=request.team.slug)


def _page(request: TeamRequest, form: SaveForm, query: str, status: int = 200) -> HttpResponse:
    asked = filters_of(request.membership, query)
    context = {"saved": SavedFilter.objects.of(request.membership), "form": form, "asked": asked.in_words()}
    return render(request, "gallery/saved_filters.html", context, status=status)
