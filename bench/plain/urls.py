"""A form: GET gives the CSRF cookie, POST inserts the row. And files, one after the other, as one answer."""

from collections.abc import Iterator
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import path

from bench.plain.models import Prompt

# Bytes a read, as `cat` has it.
BLOCK_SIZE = 2**17
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


@login_required
def cat(request: HttpRequest) -> StreamingHttpResponse:
    """What `cat` makes of the files whose paths stand in the file `list`, a line each."""
    files = [Path(line) for line in Path(request.GET["list"]).read_text().splitlines()]
    length = sum(file.stat().st_size for file in files)
    return StreamingHttpResponse(_cat(files), headers={"Content-Length": str(length)})


def _cat(files: list[Path]) -> Iterator[bytes]:
    for file in files:
        with file.open("rb") as opened:
            while block := opened.read(BLOCK_SIZE):
                yield block


urlpatterns = [path("prompts/", prompts, name="prompts"), path("files/", cat)]
