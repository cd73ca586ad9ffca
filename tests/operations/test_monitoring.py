"""/healthz, /readyz and /metrics."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from hubportal.generations.models import Generation, State
from tests import makers

pytestmark = pytest.mark.django_db

TOKEN = "a token of the monitoring's own"


def test_a_database_that_is_down_makes_the_site_unready_and_not_unhealthy(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", down)

    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 503]


def test_what_is_open_is_counted_by_state(client: Client, cast: SimpleNamespace) -> None:
    first, _second = (makers.make_generation(cast.team, cast.member) for _ in range(2))
    Generation.objects.filter(pk=first.pk).update(state=State.CANCELLED, finished_at=first.created_at)

    told = client.get("/metrics").content.decode()

    assert 'hubportal_generations_open{state="waiting"} 1.0' in told
    assert 'hubportal_generations_open{state="unknown"} 0.0' in told
    assert "hubportal_pictures_to_fetch 0.0" in told
    assert "hubportal_ledger_drift_credits 0.0" in told


def test_without_a_token_the_numbers_are_for_whoever_gets_that_far(client: Client) -> None:
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("said", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"Bearer  {TOKEN} "])
def test_with_a_token_the_numbers_are_for_who_has_it(client: Client, settings: Any, said: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    assert client.get("/metrics", headers={"Authorization": said}).status_code == 200


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer ü"]
)
def test_without_the_right_token_there_are_none(client: Client, settings: Any, said: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    answer = client.get("/metrics", headers={"Authorization": said} if said else {})

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert b"hubportal" not in answer.content
    assert [client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "pod-1.internal", "not a host", ""])
@pytest.mark.parametrize("https", [False, True])
def test_health_is_told_whatever_the_host_and_without_https(
    client: Client, settings: Any, host: str, https: bool
) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["pictures.example.org"], https

    answers = [client.get(path, headers={"Host": host}) for path in settings.HEALTH_PATHS]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert client.get("/accounts/login/", headers={"Host": host}).status_code == 400
    assert client.post("/healthz", headers={"Host": host}).status_code == 400
