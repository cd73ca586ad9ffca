"""What the balance, and what others spent meanwhile, say of a generation in doubt."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation, State
from hubportal.generations.reconciliation import Evidence, evidence_for
from hubportal.generations.wording.outcomes import explain
from hubportal.keys.models import Key
from tests import makers
from tests.generations.pages import put

pytestmark = pytest.mark.django_db

# Seconds after the generation in doubt was sent; its own doubt began after 30.
UNTIL = 30
MOMENTS = {"sent_at", "accepted_at", "answered_at", "doubted_at", "settled_at", "finished_at"}


@pytest.fixture
def key(cast: SimpleNamespace) -> Key:
    return makers.make_key(cast.team, credits=128)


def at(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with seconds made into moments."""
    start = timezone.now() - timedelta(minutes=5)
    return {name: start + timedelta(seconds=value) if name in MOMENTS else value for name, value in fields.items()}


def in_doubt(cast: SimpleNamespace, key: Key, before: int | None, after: int | None, **fields: Any) -> Generation:
    balances = {"balance_before": before, "balance_after": after, "error_code": "interrupted"}
    moments = at({"sent_at": 0, "doubted_at": UNTIL})
    return put(makers.make_generation(cast.team, cast.member), State.UNKNOWN, key=key, **balances, **moments, **fields)


def another(cast: SimpleNamespace, key: Key, state: State, **fields: Any) -> Generation:
    hub_id = f"clx_{Generation.objects.count()}" if "accepted_at" in fields else ""
    fields = {"hub_id": hub_id, "key": key, "charged": 8 if hub_id else None, **fields}
    if state == State.SENDING:
        fields["lease_until"] = timezone.now()
    return put(makers.make_generation(cast.team, cast.owner), state, **at(fields))


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (128, 120, "accepted"),
        (128, 128, "not_accepted"),
        (128, 119, "open"),
        (128, 112, "open"),
        (128, 1120, "open"),
        (None, 120, "open"),
        (128, None, "open"),
    ],
)
def test_alone_the_balance_tells_by_the_price_or_by_nothing_having_gone(
    cast: SimpleNamespace, key: Key, before: int | None, after: int | None, verdict: str
):
    assert evidence_for(in_doubt(cast, key, before, after)).verdict == verdict


@pytest.mark.parametrize("price", [None, 0])
def test_without_a_price_the_balance_tells_nothing(cast: SimpleNamespace, key: Key, price: int | None):
    assert evidence_for(in_doubt(cast, key, 128, 128, expected_credits=price)).verdict == "open"


# What another one did, when, and what it took between the two readings of the balance; None where nobody can tell.
OTHERS = [
    pytest.param(State.RUNNING, {"sent_at": 2, "accepted_at": 5}, 8, id="accepted meanwhile"),
    pytest.param(State.RUNNING, {"sent_at": -20, "accepted_at": 5}, 8, id="accepted meanwhile, sent before"),
    pytest.param(State.RUNNING, {"sent_at": -20, "accepted_at": -5}, 0, id="accepted before"),
    pytest.param(State.RUNNING, {"sent_at": 31, "accepted_at": 40}, 0, id="sent after"),
    pytest.param(State.RUNNING, {"sent_at": 10, "accepted_at": 40}, None, id="its answer came after"),
    pytest.param(State.SENDING, {"sent_at": 10}, None, id="still being sent"),
    pytest.param(State.FAILED, {"sent_at": 10, "finished_at": 11}, 0, id="refused"),
    pytest.param(
        State.FAILED,
        {"sent_at": 2, "accepted_at": 5, "answered_at": 20, "finished_at": 20, "returned": 8},
        0,
        id="charged and given back meanwhile",
    ),
    pytest.param(
        State.FAILED,
        {"sent_at": -90, "accepted_at": -80, "answered_at": 20, "finished_at": 20, "returned": 8},
        -8,
        id="given back meanwhile",
    ),
    pytest.param(
        State.FAILED,
        {"sent_at": -90, "accepted_at": -80, "answered_at": -5, "finished_at": -5, "returned": 8},
        0,
        id="given back before",
    ),
    pytest.param(
        State.FAILED,
        {"sent_at": 2, "accepted_at": 5, "answered_at": 60, "finished_at": 60, "returned": 8},
        None,
        id="given back at nobody knows what time",
    ),
    pytest.param(State.UNKNOWN, {"sent_at": 2, "doubted_at": 32}, None, id="in doubt at the same time"),
    pytest.param(State.UNKNOWN, {"sent_at": -60, "doubted_at": -5}, 0, id="in doubt before"),
    pytest.param(
        State.FAILED,
        {"sent_at": 2, "doubted_at": 32, "settled_at": 200, "finished_at": 200, "charged": 8},
        8,
        id="in doubt, then settled as gone through",
    ),
    pytest.param(
        State.FAILED,
        {"sent_at": 2, "doubted_at": 32, "settled_at": 200, "finished_at": 200},
        0,
        id="in doubt, then settled as not accepted",
    ),
    pytest.param(
        State.RUNNING, {"sent_at": 2, "doubted_at": 32, "accepted_at": 200}, 8, id="in doubt, then found at the hub"
    ),
    pytest.param(
        State.FAILED,
        {"sent_at": 2, "doubted_at": 32, "accepted_at": 200, "answered_at": 200, "finished_at": 200, "returned": 8},
        None,
        id="in doubt, then found at the hub as given back",
    ),
    pytest.param(
        State.UNKNOWN, {"sent_at": -90, "accepted_at": -80, "doubted_at": 10}, 0, id="accepted before, then lost"
    ),
]


@pytest.mark.parametrize(("state", "fields", "took"), OTHERS)
def test_what_another_one_did_is_told_apart(
    cast: SimpleNamespace, key: Key, state: State, fields: dict[str, Any], took: int | None
):
    another(cast, key, state, **fields)

    taken = evidence_for(in_doubt(cast, key, 128, 120 - (took or 0)))
    left = evidence_for(in_doubt(cast, makers.make_key(cast.team, label="Other"), 128, 120))

    if took is None:
        assert (taken.unclear, taken.verdict) == (1, "open")
    else:
        assert taken == Evidence(128, 120 - took, others=int(took != 0), others_took=took, unclear=0, price=8)
        assert taken.verdict == "accepted"
    assert (left.others, left.unclear, left.verdict) == (0, 0, "accepted")


def test_what_others_took_can_explain_it_all(cast: SimpleNamespace, key: Key):
    for _ in range(2):
        another(cast, key, State.RUNNING, sent_at=2, accepted_at=5)

    evidence = evidence_for(in_doubt(cast, key, 128, 112))

    assert (evidence.others, evidence.others_took, evidence.unexplained) == (2, 16, 0)
    assert evidence.verdict == "not_accepted"


@pytest.mark.parametrize(
    ("after", "state", "fields", "sentence"),
    [
        (
            112,
            State.RUNNING,
            {"sent_at": 2, "accepted_at": 5},
            "The balance was 128 before and 112 after. What others took or got back just then doesn't explain that, "
            "so it was probably accepted.",
        ),
        (
            120,
            State.RUNNING,
            {"sent_at": 2, "accepted_at": 5},
            "The balance was 128 before and 120 after. What others took or got back just then explains that, "
            "so it was probably not accepted.",
        ),
        (
            120,
            State.SENDING,
            {"sent_at": 2},
            "The balance was 128 before and 120 after, but others were on their way as well, "
            "so it may have been accepted.",
        ),
    ],
)
def test_the_sentence_takes_the_others_into_account(
    cast: SimpleNamespace, key: Key, after: int, state: State, fields: dict[str, Any], sentence: str
):
    another(cast, key, state, **fields)

    explanation = explain(in_doubt(cast, key, 128, after))

    assert explanation
    assert sentence in explanation.text
