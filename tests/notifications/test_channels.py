"""A team's channels: who sets them, what is posted, that addresses stay sealed and lead to no private place."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from hubportal.audit.models import AuditEntry
from hubportal.keys.notification_events import KEY_WARNING, facts_of
from hubportal.notifications import channel_posts, channel_program
from hubportal.notifications.channel_models import ChannelPost, TeamChannel
from hubportal.notifications.channels import MAX_CHANNELS, reencrypt_channels
from hubportal.notifications.models import DeliveryState
from hubportal.notifications.outbox import notify
from hubportal.notifications.tasks import deliver
from hubportal.teams.permissions import Permission
from tests import makers

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[str], Client]
INDEX = "/t/studio-north/channels/"
TOKEN = "3ccdd113474722377935511fc85d3dd4"
URL = f"mmost://chat.example/{TOKEN}"


def add(client: Client, **changes: Any) -> Any:
    said = {"name": "Studio", "url": URL, "events": [KEY_WARNING.code]}
    return client.post(INDEX, said | changes)


def warn(cast: SimpleNamespace, **more: Any) -> None:
    key = makers.make_key(cast.team, credits=0)
    notify(KEY_WARNING, team=cast.team, to=Permission.MANAGE_KEYS, about=facts_of(key, "empty"), link="/", **more)


def channel_of(cast: SimpleNamespace, url: str = URL) -> TeamChannel:
    return TeamChannel.objects.create_sealed(cast.team, "Studio", url, [KEY_WARNING.code], cast.owner)


def ran(monkeypatch: pytest.MonkeyPatch, status: int) -> list[str]:
    """Let the program end so; returns what it will have been given."""
    given: list[str] = []

    def run(_command: object, *, input: bytes, **_rest: object) -> SimpleNamespace:
        given.append(input.decode())
        return SimpleNamespace(returncode=status)

    monkeypatch.setattr(channel_posts.subprocess, "run", run)
    return given


def test_an_admin_adds_a_channel_which_is_told_so_first(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    response = add(browser_of("admin"))

    channel = TeamChannel.objects.get()
    assert (response.status_code, channel.url, channel.kind) == (302, URL, "mmost")
    assert ChannelPost.objects.get().event == "channel.added"
    assert AuditEntry.objects.filter(action="channel.added", about="Studio").exists()


def test_an_address_is_sealed_and_shown_nowhere(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    add(browser_of("admin"))
    refused = add(browser_of("admin"), name="")

    channel = TeamChannel.objects.get()
    assert TOKEN not in channel.encrypted
    assert TOKEN not in refused.content.decode() + browser_of("admin").get(INDEX).content.decode()
    assert not any(TOKEN in str(entry.detail) + entry.about for entry in AuditEntry.objects.all())


@pytest.mark.parametrize(
    "url",
    ["", "https://example.org/", "exec://rm", "file:///etc/passwd", "mailto://a:b@example.org", "slack://", "slack"],
)
def test_what_is_no_channel_is_refused(cast: SimpleNamespace, browser_of: BrowserOf, url: str) -> None:
    assert add(browser_of("admin"), url=url).status_code == 422
    assert not TeamChannel.objects.exists()


def test_a_team_has_so_many_channels_and_no_more(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    for _number in range(MAX_CHANNELS):
        channel_of(cast)

    assert add(browser_of("admin")).status_code == 422


def test_a_channel_that_is_removed_is_told_nothing_any_more(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    channel = channel_of(cast)
    warn(cast)

    browser_of("admin").post(f"{INDEX}{channel.pk}/removal/")

    assert not TeamChannel.objects.exists()
    assert not ChannelPost.objects.exists()


def test_a_channel_of_another_team_is_404(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    elsewhere = cast.stranger.memberships.get().team
    theirs = TeamChannel.objects.create_sealed(elsewhere, "Theirs", URL, [], None)

    assert browser_of("admin").post(f"{INDEX}{theirs.pk}/removal/").status_code == 404


def test_only_what_the_team_chose_is_posted(cast: SimpleNamespace) -> None:
    channel_of(cast)
    TeamChannel.objects.create_sealed(cast.team, "Silent", URL, [], None)

    warn(cast)

    assert [post.channel.name for post in ChannelPost.objects.all()] == ["Studio"]


def test_a_channel_is_told_of_an_occasion_once(cast: SimpleNamespace) -> None:
    channel_of(cast)

    warn(cast, once="today")
    warn(cast, once="today")

    assert ChannelPost.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "state", "problem"),
    [
        (channel_program.SENT, DeliveryState.SENT, ""),
        (channel_program.FAILED, DeliveryState.FAILED, "failed"),
        (channel_program.REFUSED, DeliveryState.FAILED, "refused"),
        (channel_program.UNREADABLE, DeliveryState.FAILED, "unreadable"),
        (1, DeliveryState.FAILED, "failed"),
    ],
)
def test_what_came_of_a_post_is_said_and_it_is_tried_once(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, status: int, state: str, problem: str
) -> None:
    given = ran(monkeypatch, status)
    channel_of(cast)
    warn(cast)

    deliver.func()
    deliver.func()

    assert (ChannelPost.objects.get().state, TeamChannel.objects.get().problem) == (state, problem)
    assert len(given) == 1
    assert "Studio North: Main" in given[0]


def test_the_page_says_what_is_wrong_with_a_channel(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    channel_of(cast)
    TeamChannel.objects.update(problem="refused")

    page = BeautifulSoup(browser_of("admin").get(INDEX).content, "html.parser")

    assert "private network" in page.select_one(".told .banner").get_text()


def test_what_was_being_posted_when_the_worker_died_is_not_posted_again(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ran(monkeypatch, channel_program.SENT)
    channel_of(cast)
    warn(cast)
    ChannelPost.objects.claim(ChannelPost.objects.get().pk)

    with time_machine.travel(timezone.now() + timedelta(minutes=3), tick=False):
        deliver.func()

    assert (given, ChannelPost.objects.get().state) == ([], DeliveryState.UNKNOWN)


def test_a_new_keyring_entry_seals_addresses_anew(cast: SimpleNamespace, settings: Any) -> None:
    channel_of(cast)
    settings.KEYRING = f"t2:{'QUFB' * 10}QUE=,{settings.KEYRING}"

    first, second = reencrypt_channels(), reencrypt_channels()

    assert (first.reencrypted, second.unchanged) == (1, 1)
    assert TeamChannel.objects.get().encrypted.startswith("v1.t2.")
    assert TeamChannel.objects.get().url == URL


# The program itself --------------------------------------------------------------------------------------------


@pytest.fixture
def room() -> Iterator[SimpleNamespace]:
    """A server as rooms have it, on a port of this machine."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield SimpleNamespace(port=server.server_port, got=got)
    server.shutdown()
    server.server_close()


@pytest.mark.process
@pytest.mark.skipif(find_spec("apprise") is None, reason="apprise is not installed here")
@pytest.mark.parametrize(("host", "allowed"), [("127.0.0.1", True), ("127.0.0.1", False), ("localhost", False)])
def test_a_room_is_told_and_a_private_one_only_where_it_is_named(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, room: SimpleNamespace, host: str, allowed: bool
) -> None:
    if allowed:
        monkeypatch.setattr(channel_posts, "PRIVATE_ADDRESSES", frozenset({f"{host}:{room.port}"}))
    channel_of(cast, f"mmost://{host}:{room.port}/{TOKEN}")
    warn(cast)

    deliver.func()

    assert TeamChannel.objects.get().problem == ("" if allowed else "refused")
    assert len(room.got) == allowed
    assert all(b"has no credits left" in body for body in room.got)


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 80))),
        ("socket.connect", (None, ("169.254.169.254", 80))),
        ("socket.connect", (None, ("::1", 80, 0, 0))),
        ("socket.connect", (None, "/run/socket")),
        ("socket.sendto", (None, ("10.0.0.1", 53))),
        ("subprocess.Popen", ("sh",)),
    ],
)
def test_the_guard_lets_nothing_through_that_is_not_public(event: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(PermissionError):
        channel_program.Guard(frozenset())(event, arguments)


def test_the_guard_lets_public_addresses_and_named_ones_through() -> None:
    guard = channel_program.Guard(frozenset({"127.0.0.1:80"}))

    guard("socket.connect", (None, ("8.8.8.8", 443)))
    guard("socket.connect", (None, ("127.0.0.1", 80)))

    assert not guard.refused
