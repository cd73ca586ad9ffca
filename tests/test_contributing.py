"""CONTRIBUTING.md names files, tests and steps that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
PATHS = sorted(set(re.findall(r"`((?:hubportal|tests|templates|static|docs|bin)/[\w/.-]*)`", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_every_file_and_folder_it_names_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_function_of_the_example_is_in_the_file_it_is_said_to_be_in() -> None:
    example = PAGE.partition("## One example")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)(?:\([\w, ]*\))?` in `((?:hubportal|tests)/[\w/]+\.py)`", example)

    missing = [(name, path) for name, path in named if not re.search(rf"\b{name}\b", (ROOT / path).read_text())]

    assert len(named) > 3
    assert not missing


def test_it_names_the_steps_of_bin_test() -> None:
    steps = re.findall(r'^ *step "([^"]+)"', (ROOT / "bin" / "test").read_text(), re.MULTILINE)

    assert [step for step in steps if step not in PAGE and step != "Fast tests"] == []
