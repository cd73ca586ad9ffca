"""The tags of a picture, and the pages of the team's tags. Each change is a resource of its own."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from hubportal.gallery.models import Tag
from hubportal.gallery.queries import stored_pictures
from hubportal.gallery.tags.changes import SameTagError, TagExistsError, TagGone, change_tag, delete_tag, merge_tag
from hubportal.gallery.tags.forms import AddTagsForm, MergeTagForm, TagForm
from hubportal.gallery.tags.pages import TagPage, number_tagged
from hubportal.gallery.tags.tagging import TooManyTags, add_tags, find_tags, remove_tag, suggest_tags, tags_on
from hubportal.gallery.tags.wording import tags_changed, too_many_tags
from hubportal.generations.models import Image
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Of a picture ---------------------------------------------------------------------------------------------------


@team_view(Permission.LOOK, methods=("GET", "POST"))
def picture_tags(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: a picture's tags. POST: put `tags` on it, or take `remove` off (which takes a role that makes pictures)."""
    pictures = stored_pictures(request.membership).select_related("generation")
    image = get_object_or_404(pictures, pk=pk)
    if request.method != "POST":
        return _of_picture(request, image)
    request.membership.require(Permission.SUBMIT)
    return _remove(request, image) if "remove" in request.POST else _add(request, image)


def _add(request: TeamRequest, image: Image) -> HttpResponse:
    form = AddTagsForm(request.team, image.pk, request.POST)
    if form.is_valid():
        try:
            tags = add_tags(image, form.cleaned_data["tags"])
        except TooManyTags as error:
            form.add_error("tags", too_many_tags(error))
        else:
            return _changed(request, image, tags_changed(tags, added=True))
    return _of_picture(request, image, form)


def _remove(request: TeamRequest, image: Image) -> HttpResponse:
    (tag,) = find_tags(request.team, [request.POST["remove"]])
    if tag is None:
        raise Http404
    remove_tag(image, tag)
    return _changed(request, image, tags_changed([tag], added=False))


def _changed(request: TeamRequest, image: Image, said: str) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("gallery:picture", args=[request.team.slug, image.pk]) + "#tags")
    return trigger_client_event(_of_picture(request, image), "announce", {"value": said})


def _of_picture(request: TeamRequest, image: Image, form: AddTagsForm | None = None) -> HttpResponse:
    """The part of a page that has a picture's tags, or a page of its own with it."""
    context = {"image": image, "tags": tags_on(image), "form": form or AddTagsForm(request.team, image.pk)}
    template = "gallery/_tags.html" if request.htmx else "gallery/picture_tags.html"
    return render(request, template, context, status=422 if form else 200)


@team_view(Permission.LOOK)
def suggestions(request: TeamRequest) -> HttpResponse:
    """Completions of what somebody types into any field for tags."""
    typed = next((request.GET[name] for name in ("tags", "tag", "into") if name in request.GET), "")
    return render(request, "gallery/_tag_suggestions.html", {"names": suggest_tags(request.team, typed)})


# Of the team ----------------------------------------------------------------------------------------------------


@team_view(Permission.LOOK)
def tags(request: TeamRequest) -> HttpResponse:
    """The team's tags by name, page by page; each leads to its pictures, and for admins to what can be done with it."""
    page = TagPage(request.team, request.GET.get("q", ""), request.GET.get("after", ""))
    return render(request, "gallery/tags.html", {"page": page})


@team_view(Permission.MANAGE_TAGS, methods=("GET", "POST"))
def tag(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what can be done with a tag. POST: give it a name and a colour."""
    found = _get_tag(request, pk)
    if request.method != "POST":
        return _page(request, found)
    form = TagForm(request.POST)
    if form.is_valid():
        try:
            change_tag(found, form.cleaned_data["name"], form.cleaned_data["colour"], actor=request.actor)
        except TagGone:
            raise Http404 from None
        except (ValidationError, TagExistsError) as error:
            exists = _("There is a tag of this name already. Merge this one into it to have one in place of both.")
            form.add_error("name", error if isinstance(error, ValidationError) else exists)
        else:
            found.refresh_from_db()
            return _done(request, _("The tag is now {tag}, on every picture that has it.").format(tag=found))
    return _page(request, found, status=422, form=form)


@team_view(Permission.MANAGE_TAGS, methods=("POST",))
def merging(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Let the pictures of a tag have another one in its place."""
    found = _get_tag(request, pk)
    form = MergeTagForm(request.team, request.POST)
    if form.is_valid():
        into = form.cleaned_data["into"]
        try:
            merge_tag(found, into, actor=request.actor)
        except TagGone:
            raise Http404 from None
        except SameTagError:
            form.add_error("into", _("That is this tag itself. Choose another one."))
        else:
            return _done(request, _("Every picture tagged {tag} has {into} in its place.").format(tag=found, into=into))
    return _page(request, found, status=422, merging=form)


@team_view(Permission.MANAGE_TAGS, methods=("POST",))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a tag off every picture, and out of the team."""
    found = _get_tag(request, pk)
    try:
        delete_tag(found, actor=request.actor)
    except TagGone:
        raise Http404 from None
    return _done(request, _("The tag {tag} is gone. The pictures that had it stay.").format(tag=found))


def _get_tag(request: TeamRequest, pk: uuid.UUID) -> Tag:
    return get_object_or_404(Tag.objects.live().select_related("team"), pk=pk, team=request.team)


def _page(request: TeamRequest, tag: Tag, status: int = 200, **forms: Form) -> HttpResponse:
    context = {
        "tag": tag,
        "number": number_tagged(tag),
        "form": TagForm(initial={"name": tag.name, "colour": tag.colour}),
        "merging": MergeTagForm(request.team),
        **forms,
    }
    return render(request, "gallery/tag.html", context, status=status)


def _done(request: TeamRequest, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("gallery:tags", team=request.team.slug)
