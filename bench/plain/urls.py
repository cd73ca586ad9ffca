"""One address: GET gives the CSRF cookie, POST inserts the row."""

from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path

from bench.plain.models import Prompt

PromptForm = modelform_factory(Prompt, exclude=["author"])


@login_required
def prompts(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return HttpResponse(get_token(request))
    form = PromptForm(request.POST)
    if not form.is_valid():
        return HttpResponse(form.errors.as_text(), status=422)
    form.instance.author = request.user
    form.save()
    return redirect("prompts")


urlpatterns = [path("prompts/", prompts, name="prompts")]
