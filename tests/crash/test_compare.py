"""The judge of the crash test, by itself: each thing that may be wrong is told, and nothing else is."""

from dataclasses import replace

import pytest

from bench.crash.compare import Ours, Theirs, judge

DONE = Ours(mark="#1", state="succeeded", hub_id="clx_1", charged=16, ledger={"charge": 16}, kept=2)
PAINTED = Theirs(mark="#1", id="clx_1", state="succeeded", charge=16, refund=0, images=2)
DOUBTED = Ours(mark="#2", state="unknown", code="interrupted", told="Nobody knows.", ledger={}, reserved=True)
TAKEN = Theirs(mark="#2", id="clx_2", state="succeeded", charge=8, refund=0, images=1)
GIVEN_BACK = Ours(
    mark="#3",
    state="failed",
    code="generationFailed",
    told="It failed.",
    hub_id="clx_3",
    charged=8,
    returned=8,
    ledger={"charge": 8, "refund": -8},
)
FAILED = Theirs(mark="#3", id="clx_3", state="failed", charge=8, refund=8)
MARKS = ["#1", "#2", "#3"]


def test_records_that_agree_with_the_ledger_are_not_complained_of():
    problems = judge(MARKS, [DONE, DOUBTED, GIVEN_BACK], [PAINTED, TAKEN, FAILED])

    assert problems == []


def test_an_unknown_that_the_hub_never_saw_is_in_order():
    problems = judge(["#2"], [DOUBTED], [])

    assert problems == []


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        pytest.param([DONE], [PAINTED, replace(PAINTED, id="clx_9")], "accepted and charged 2 times", id="sent twice"),
        pytest.param([], [], "1 were submitted, and our records hold 0", id="lost here"),
        pytest.param([DONE], [], "the hub knows no clx_1", id="unknown there"),
        pytest.param([DONE], [replace(PAINTED, mark="#8")], "the hub knows no clx_1 of this mark", id="mixed up"),
        pytest.param([replace(DONE, hub_id="")], [PAINTED], "no record of ours in `unknown`", id="id forgotten"),
        pytest.param([replace(DONE, state="sending")], [PAINTED], "still sending", id="stuck"),
        pytest.param([replace(DONE, state="waiting")], [PAINTED], "still waiting", id="waiting"),
        pytest.param([replace(DONE, state="failed")], [PAINTED], "failed without a code", id="no code"),
        pytest.param([replace(DONE, charged=8)], [PAINTED], "our record says 8 - 0", id="another charge"),
        pytest.param([replace(DONE, ledger={})], [PAINTED], "our ledger 0 - 0", id="not in our ledger"),
        pytest.param([DONE], [replace(PAINTED, refund=8)], "the hub's ledger 16 - 8", id="refund not booked"),
        pytest.param([replace(DONE, kept=1)], [PAINTED], "1 of its 2 pictures are kept", id="a picture lost"),
        pytest.param([replace(DONE, reserved=True)], [PAINTED], "its reservation is still there", id="reserved"),
        pytest.param([DONE], [replace(PAINTED, images=0)], "with 0 pictures there", id="another outcome"),
    ],
)
def test_what_is_wrong_is_told(ours: list[Ours], theirs: list[Theirs], told: str):
    problems = judge(["#1"], ours, theirs)

    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("doubted", "told"),
    [
        pytest.param(replace(DOUBTED, code=""), "without a code and a sentence", id="no code"),
        pytest.param(replace(DOUBTED, told=""), "without a code and a sentence", id="no sentence"),
        pytest.param(replace(DOUBTED, reserved=False), "its reservation is not there", id="credits not held"),
        pytest.param(replace(DOUBTED, ledger={"charge": 8}), "and yet it cost", id="charged without an id"),
    ],
)
def test_an_unknown_that_does_not_say_enough_is_told(doubted: Ours, told: str):
    problems = judge(["#2"], [doubted], [TAKEN])

    assert any(told in problem for problem in problems), problems
