"""Every fault a prompt can ask for, as a caller meets it."""

import time

import pytest
import requests

from hubportal.sandbox.faults.injection import FAULTS, Fault, find_faults
from tests.sandbox.caller import Insider
from tests.sandbox.faults import generating, images, polling, submitting
from tests.sandbox.faults.table import TESTS, finished

# Imported for the tests that they enter into the table.
PARTS = (generating, submitting, polling, images)


@pytest.mark.parametrize("row", FAULTS, ids=lambda row: row.word)
def test_trouble_is_as_it_is_written(caller: Insider, row: Fault) -> None:
    TESTS[row.word](caller)


def test_no_two_troubles_have_the_same_word() -> None:
    assert len({row.word for row in FAULTS}) == len(FAULTS) == len(TESTS)


@pytest.mark.parametrize("prompt", ["[drop]", "[cut]", "[dropearly]"])
def test_the_connection_of_a_waiting_call_breaks_too(caller: Insider, prompt: str) -> None:
    with pytest.raises(requests.RequestException):
        caller.submit(prompt, wait=True)


def test_several_troubles_work_together(caller: Insider) -> None:
    start = time.monotonic()

    record = finished(caller, "A harbour [slow 0.3] at [partial] dawn")

    assert time.monotonic() - start >= 0.3
    assert len(record["images"]) == 1


@pytest.mark.parametrize(
    ("prompt", "found"),
    [
        ("a cat [sitting] on [a mat]", []),
        ("[]", []),
        ("[fail", []),
        ("[FAIL]", [("fail", "The provider gave up")]),
        ('[fail "no, thanks"]', [("fail", "no, thanks")]),
        ("[fail because]", [("fail", "because")]),
        ("[slow 3][partial]", [("slow", "3"), ("partial", "")]),
    ],
)
def test_only_known_words_in_brackets_are_troubles(prompt: str, found: list[tuple[str, str]]) -> None:
    assert [(fault.word, argument.text) for fault, argument in find_faults(prompt)] == found


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3), ("0.5", 0.5), ("-1", 20), ("soon", 20), ("nan", 20), ("1e99", 20)]
)
def test_an_argument_that_makes_no_sense_is_the_examples(text: str, seconds: float) -> None:
    [(_, argument)] = find_faults(f"[slow {text}]")

    assert argument.number == seconds


@pytest.mark.parametrize("filler", ["[", "[a ", "[a" + " " * 300, '[a "', "[slow]"])
def test_a_prompt_full_of_brackets_is_read_quickly(filler: str) -> None:
    prompt = (filler * 32_000)[:32_000]

    start = time.process_time()
    find_faults(prompt)

    assert time.process_time() - start < 0.5
