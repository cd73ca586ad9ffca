"""docs/reliability.md and these tests are one: no row without a test that is held against it, no test without a row."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hubportal.generations.states import State
from tests.reliability.documented import NOTHING, Row, rows

ABOUT_FAULTS = sorted(path for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))


def functions_of(path: Path) -> dict[str, Callable[..., Any]]:
    module = importlib.import_module(f"tests.reliability.{path.stem}")
    found = inspect.getmembers(module, inspect.isfunction)
    return {name: test for name, test in found if name.startswith("test_") and test.__module__ == module.__name__}


TESTS = {f"{path.name}::{name}": test for path in ABOUT_FAULTS for name, test in functions_of(path).items()}


def parameters(test: Callable[..., Any]) -> list[str]:
    """The ids of a test's only parametrization."""
    [mark] = [mark for mark in test.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    return [str(id_) for id_ in mark.kwargs.get("ids") or mark.args[1]]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.test)
def test_a_row_has_a_test_that_is_held_against_it(row: Row) -> None:
    name, _, parameter = row.test.rstrip("]").partition("[")

    test = TESTS[name]

    assert not parameter or parameter in parameters(test)
    assert row.state in State.values if row.state else row.sentence == NOTHING
    assert (".told(" in inspect.getsource(test) or "assert_refused(" in inspect.getsource(test)) == bool(row.state)


@pytest.mark.parametrize("name", TESTS)
def test_a_test_has_its_rows(name: str) -> None:
    found = {row.test for row in rows() if row.test.partition("[")[0] == name}

    assert found == {name} or found == {f"{name}[{parameter}]" for parameter in parameters(TESTS[name])}
