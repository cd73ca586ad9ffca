"""docs/security.md names tests as its evidence: each of them exists, and none of this folder is forgotten."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def named() -> set[tuple[str, str]]:
    """File and function of every test that the page names."""
    return set(NAMED.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8")))


@cache
def defined_in(file: str) -> set[str]:
    """The tests that a file defines, read without running it."""
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_is_named_exists() -> None:
    missing = sorted(f"{file}::{name}" for file, name in named() if name not in defined_in(file))

    assert len(named()) > 100
    assert missing == []


def test_every_file_of_the_security_tests_is_named_and_every_test_in_it() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in HERE.glob("test_*.py")]

    forgotten = sorted(f"{file}::{name}" for file in files for name in defined_in(file) if (file, name) not in named())

    assert len(files) > 4
    assert forgotten == []


def test_nothing_that_looks_like_a_test_is_named_in_another_way() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

    assert page.count("::") == len(NAMED.findall(page))
