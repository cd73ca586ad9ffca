"""Browsers that are told: subscribing, what arrives and who can read it, and when it ends."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from hubportal.notifications import push
from hubportal.notifications.events import Channel
from hubportal.notifications.models import Delivery, DeliveryState, Notification, Preference, PushSubscription
from hubportal.notifications.outbox import notify
from hubportal.notifications.push_encryption import decode, encrypt, public_key
from hubportal.notifications.tasks import deliver
from hubportal.teams.models import Membership
from tests.makers import PASSWORD
from tests.notifications.browser import Browser, PushService, claims_of
from tests.notifications.events import BUDGET_ASKED, BUDGET_NEAR

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[str], Client]
SUBSCRIBE, REMOVAL = "/accounts/notifications/push/", "/accounts/notifications/push/removal/"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    running = PushService()
    monkeypatch.setattr(push, "PRIVATE_HOSTS", frozenset({running.host}))
    yield running
    running.stop()


@pytest.fixture
def told(cast: SimpleNamespace, browser_of: BrowserOf, service: PushService) -> SimpleNamespace:
    """Adam, who wants it in his browser: its client, and the browser's own end."""
    client, browser = browser_of("admin"), Browser()
    Preference.objects.create(user=cast.admin, event=BUDGET_NEAR.code, channel=Channel.PUSH, wanted=True)
    client.post(SUBSCRIBE, {"endpoint": "https://push.example/1", **browser.keys})
    PushSubscription.objects.update(endpoint=f"http://{service.host}/1")
    return SimpleNamespace(client=client, browser=browser)


def tell(cast: SimpleNamespace) -> Notification:
    facts = {"name": "Spring", "share": 80, "left": 20}
    notify(BUDGET_NEAR, team=cast.team, to=[cast.admin.pk], about=facts, link="/t/studio-north/usage/")
    deliver.func()
    return Notification.objects.latest("created_at")


def state() -> str:
    return Delivery.objects.filter(channel=Channel.PUSH).latest("pk").state


def test_what_arrives_is_read_by_the_browser_alone(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService
) -> None:
    one = tell(cast)

    [(path, headers, body)] = service.messages
    assert told.browser.read(body) == {
        "title": "Spring is at 80 %",
        "body": "20 credits are left. (Studio North)",
        "tag": one.pk.hex,
        "url": f"/accounts/notifications/{one.pk}/",
    }
    assert (path, headers["Content-Encoding"], headers["TTL"]) == ("/1", "aes128gcm", "86400")
    assert b"Spring" not in body
    assert state() == DeliveryState.SENT


def test_the_push_service_is_told_who_sends_it_and_nothing_else(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService, settings: Any
) -> None:
    tell(cast)

    [(_path, headers, _body)] = service.messages
    claims = claims_of(headers["Authorization"])
    assert claims["aud"] == f"http://{service.host}"
    assert claims["sub"] == "mailto:hubportal@testserver"
    assert claims["key"] == public_key(settings.VAPID_PRIVATE_KEY)
    assert 0 < claims["exp"] - timezone.now().timestamp() <= 24 * 3600
    assert "Cookie" not in headers


def test_the_encryption_is_that_of_the_standard() -> None:
    """RFC 8291, 5."""
    sender = ec.derive_private_key(
        int.from_bytes(decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )

    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
        key=sender,
        salt=decode("DGv6ra1nlYgDCS1FRnbzlw"),
    )

    assert body == decode(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
        "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_no_more_is_forgotten(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService, status: int
) -> None:
    service.status = status

    tell(cast)

    assert not PushSubscription.objects.exists()
    assert state() == DeliveryState.DROPPED


@pytest.mark.parametrize(("status", "after"), [(503, "waiting"), (429, "waiting"), (400, "failed"), (413, "failed")])
def test_what_the_service_has_no_time_for_is_sent_again(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService, status: int, after: str
) -> None:
    service.status = status

    tell(cast)

    assert state() == after


def test_what_a_worker_was_sending_when_it_died_is_sent_again(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService
) -> None:
    tell(cast)
    Delivery.objects.filter(channel=Channel.PUSH).update(
        state=DeliveryState.SENDING, lease_until=timezone.now() + timedelta(minutes=5)
    )

    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        deliver.func()

    assert len(service.messages) == 2
    tags = {told.browser.read(body)["tag"] for _path, _headers, body in service.messages}
    assert len(tags) == 1


@pytest.mark.parametrize("how", ["signed out", "new password", "left the team"])
def test_who_is_no_longer_there_is_told_nothing(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService, how: str
) -> None:
    match how:
        case "signed out":
            told.client.post("/accounts/logout/")
        case "new password":
            cast.admin.set_password(PASSWORD + "!")
            cast.admin.save()
        case _:
            Membership.objects.filter(user=cast.admin).delete()

    tell(cast)

    assert service.messages == []


def test_a_private_address_is_never_visited(cast: SimpleNamespace, told: SimpleNamespace, service: PushService) -> None:
    PushSubscription.objects.update(endpoint="http://127.0.0.2:9/push")

    tell(cast)

    assert state() == DeliveryState.FAILED


def test_somebody_without_a_browser_has_nothing_written_down_for_it(cast: SimpleNamespace) -> None:
    Preference.objects.create(user=cast.admin, event=BUDGET_NEAR.code, channel=Channel.PUSH, wanted=True)

    tell(cast)

    assert not Delivery.objects.filter(channel=Channel.PUSH).exists()


def test_what_is_asked_for_in_browsers_alone_leads_to_where_it_is_about(
    cast: SimpleNamespace, told: SimpleNamespace, service: PushService
) -> None:
    Preference.objects.create(user=cast.admin, event=BUDGET_ASKED.code, channel=Channel.PUSH, wanted=True)
    notify(BUDGET_ASKED, team=cast.team, to=[cast.admin.pk], about={"name": "Spring"}, link="/t/studio-north/")

    deliver.func()

    [(_path, _headers, body)] = service.messages
    assert told.browser.read(body)["url"] == "/t/studio-north/"


# Subscribing ---------------------------------------------------------------------------------------------------


def test_a_browser_belongs_to_who_was_there_last(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    said = {"endpoint": "https://push.example/1", **Browser().keys}

    browser_of("admin").post(SUBSCRIBE, said)
    browser_of("member").post(SUBSCRIBE, said)

    assert PushSubscription.objects.get().user == cast.member


def test_a_browser_can_be_taken_back_by_its_person_alone(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    said = {"endpoint": "https://push.example/1", **Browser().keys}
    browser_of("admin").post(SUBSCRIBE, said)

    browser_of("member").post(REMOVAL, said)
    before = PushSubscription.objects.count()
    browser_of("admin").post(REMOVAL, said)

    assert (before, PushSubscription.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": "http://push.example/1"},
        {"endpoint": "https://[push"},
        {"endpoint": "https://push.example/" + "x" * 500},
        {"p256dh": "AAAA"},
        {"p256dh": "§"},
        {"auth": "short"},
        {"auth": ""},
    ],
)
def test_what_is_no_browser_is_refused(cast: SimpleNamespace, browser_of: BrowserOf, wrong: dict[str, str]) -> None:
    said = {"endpoint": "https://push.example/1", **Browser().keys, **wrong}

    assert browser_of("admin").post(SUBSCRIBE, said).status_code == 422
    assert not PushSubscription.objects.exists()


def test_a_person_has_so_many_browsers_and_no_more(cast: SimpleNamespace, browser_of: BrowserOf) -> None:
    adam = browser_of("admin")
    for number in range(22):
        adam.post(SUBSCRIBE, {"endpoint": f"https://push.example/{number}", **Browser().keys})

    kept = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert len(kept) == 20
    assert "https://push.example/21" in kept


def test_the_script_comes_from_the_root_and_may_load_nothing(client: Client) -> None:
    response = client.get("/service-worker.js")

    assert response.headers["Content-Type"].startswith("text/javascript")
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"


def test_without_a_key_of_the_site_no_browser_is_offered(
    cast: SimpleNamespace, browser_of: BrowserOf, settings: Any
) -> None:
    settings.VAPID_PRIVATE_KEY = ""

    page = browser_of("admin").get("/accounts/notifications/choices/").content.decode()

    assert ":push" not in page
    assert 'id="push"' not in page
