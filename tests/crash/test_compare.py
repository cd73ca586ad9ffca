"""The comparison of the crash test: it names each thing that may be wrong, and nothing else."""

from dataclasses import replace

import pytest

from bench.crash.compare import HubRecord, OurRecord, compare

DONE = OurRecord(mark="#1", state="succeeded", hub_id="clx_1", charged=16, ledger={"charge": 16}, stored_images=2)
SUCCEEDED = HubRecord(mark="#1", id="clx_1", state="succeeded", charge=16, refund=0, images=2)
UNKNOWN = OurRecord(
    mark="#2", state="unknown", code="interrupted", explanation="Nobody knows.", ledger={}, reserved=True
)
ACCEPTED = HubRecord(mark="#2", id="clx_2", state="succeeded", charge=8, refund=0, images=1)
REFUNDED = OurRecord(
    mark="#3",
    state="failed",
    code="generationFailed",
    explanation="It failed.",
    hub_id="clx_3",
    charged=8,
    returned=8,
    ledger={"charge": 8, "refund": -8},
)
FAILED = HubRecord(mark="#3", id="clx_3", state="failed", charge=8, refund=8)
MARKS = ["#1", "#2", "#3"]


def test_records_that_agree_with_the_ledger_are_not_complained_of():
    problems = compare(MARKS, [DONE, UNKNOWN, REFUNDED], [SUCCEEDED, ACCEPTED, FAILED])

    assert problems == []


def test_an_unknown_that_the_hub_never_saw_is_in_order():
    problems = compare(["#2"], [UNKNOWN], [])

    assert problems == []


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        pytest.param(
            [DONE], [SUCCEEDED, replace(SUCCEEDED, id="clx_9")], "accepted and charged 2 times", id="sent twice"
        ),
        pytest.param([], [], "1 were submitted, and our records hold 0", id="lost here"),
        pytest.param([DONE], [], "the hub knows no clx_1", id="unknown there"),
        pytest.param([DONE], [replace(SUCCEEDED, mark="#8")], "the hub knows no clx_1 of this mark", id="mixed up"),
        pytest.param([replace(DONE, hub_id="")], [SUCCEEDED], "no record of ours in `unknown`", id="id forgotten"),
        pytest.param([replace(DONE, state="sending")], [SUCCEEDED], "still sending", id="stuck"),
        pytest.param([replace(DONE, state="waiting")], [SUCCEEDED], "still waiting", id="waiting"),
        pytest.param([replace(DONE, state="failed")], [SUCCEEDED], "failed without a code", id="no code"),
        pytest.param([replace(DONE, charged=8)], [SUCCEEDED], "our record says 8 - 0", id="another charge"),
        pytest.param([replace(DONE, ledger={})], [SUCCEEDED], "our ledger 0 - 0", id="not in our ledger"),
        pytest.param([DONE], [replace(SUCCEEDED, refund=8)], "the hub's ledger 16 - 8", id="refund not booked"),
        pytest.param(
            [replace(DONE, stored_images=1)], [SUCCEEDED], "1 of its 2 pictures are kept", id="a picture lost"
        ),
        pytest.param([replace(DONE, reserved=True)], [SUCCEEDED], "its reservation is still there", id="reserved"),
        pytest.param([DONE], [replace(SUCCEEDED, images=0)], "with 0 pictures there", id="another outcome"),
    ],
)
def test_what_is_wrong_is_told(ours: list[OurRecord], theirs: list[HubRecord], told: str):
    problems = compare(["#1"], ours, theirs)

    assert any(told in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("unknown", "told"),
    [
        pytest.param(replace(UNKNOWN, code=""), "without a code and a sentence", id="no code"),
        pytest.param(replace(UNKNOWN, explanation=""), "without a code and a sentence", id="no sentence"),
        pytest.param(replace(UNKNOWN, reserved=False), "its reservation is not there", id="credits not held"),
        pytest.param(replace(UNKNOWN, ledger={"charge": 8}), "and yet it cost", id="charged without an id"),
    ],
)
def test_an_unknown_that_does_not_say_enough_is_told(unknown: OurRecord, told: str):
    problems = compare(["#2"], [unknown], [ACCEPTED])

    assert any(told in problem for problem in problems), problems
