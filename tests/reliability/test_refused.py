"""The hub's own clear no: nothing was charged, and nothing is sent again."""

import pytest

from tests import worker
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db

REFUSALS = {
    "400": "[refuse]",
    "quote": "[quote]",
    "402": "[nocredits]",
    "404": "[error 404 notFound]",
    "500": "[500]",
    "403": "[error 403 forbidden]",
    "503": "[error 503 timeout]",
}


@pytest.mark.parametrize("status", REFUSALS)
def test_the_hub_refuses(case: Case, status: str) -> None:
    generation = case.send(REFUSALS[status])

    worker.sweep()
    worker.send(generation.pk)

    assert case.hub_ledger() == []
    assert case.secret[9:] not in case.read(generation).error_message
    case.told(generation)


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_the_hub_refuses_the_key(case: Case, how: str) -> None:
    getattr(case.hub, how)(case.secret)

    generation = case.send()

    case.key.refresh_from_db()
    assert not case.key.is_usable
    case.told(generation, sent=0)


def test_the_hub_refuses_the_key_in_words_that_nobody_knows(case: Case) -> None:
    generation = case.send("[error 401 keySuspended]")

    case.key.refresh_from_db()
    assert not case.key.is_usable
    case.told(generation)
