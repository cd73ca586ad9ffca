"""The team's channels elsewhere: the list, adding, removing. No page shows an address again."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from hubportal.notifications.channel_forms import ChannelForm
from hubportal.notifications.channel_models import TeamChannel
from hubportal.notifications.channels import MAX_CHANNELS, TooManyChannelsError, add_channel, remove_channel
from hubportal.notifications.wording import channel_problem
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@sensitive_post_parameters("url")
@team_view(Permission.MANAGE_TEAM, methods=("GET", "POST"))
def index(request: TeamRequest) -> HttpResponse:
    """GET: the channels. POST: add one."""
    form = ChannelForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            add_channel(request.team, said["name"], said["url"], said["events"], actor=request.actor)
        except TooManyChannelsError:
            form.add_error(None, _("A team has at most {count} channels.").format(count=MAX_CHANNELS))
        else:
            messages.success(request, _("{name} is told from now on, and first of all that it is.").format(**said))
            return redirect("channels:index", team=request.team.slug)
    channels = TeamChannel.objects.filter(team=request.team).select_related("added_by").order_by("created_at", "pk")
    shown = [(channel, channel_problem(channel.problem)) for channel in channels]
    status = 422 if form.is_bound else 200
    return render(request, "notifications/channels.html", {"form": form, "channels": shown}, status=status)


@team_view(Permission.MANAGE_TEAM, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what removing a channel means. POST: remove it."""
    channel = get_object_or_404(TeamChannel.objects.select_related("team"), pk=pk, team=request.team)
    if request.method != "POST":
        return render(request, "notifications/channel_removal.html", {"channel": channel})
    remove_channel(channel, actor=request.actor)
    messages.success(request, _("{name} is told nothing any more.").format(name=channel.name))
    return redirect("channels:index", team=request.team.slug)
