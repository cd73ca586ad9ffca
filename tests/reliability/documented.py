"""docs/reliability.md, read as data: a row is a fault, what it ends as, the sentence for the person, and the test."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
NOTHING = "—"


@dataclass(frozen=True)
class Row:
    """`state` and `code` are the first two words in backticks of the outcome; the code may be missing.

    `test` is `test_file.py::test_name`, with `[parameters]` where they differ in what they come to.
    """

    fault: str
    outcome: str
    sentence: str
    test: str

    @property
    def state(self) -> str:
        return [*re.findall(r"`(\w+)`", self.outcome), ""][0]

    @property
    def code(self) -> str:
        return [*re.findall(r"`([\w-]+)`", self.outcome), "", ""][1]

    def says(self, text: str) -> bool:
        """Whether this is the row's sentence; its `…` stands for a moment in time."""
        parts = (re.escape(part) for part in self.sentence.split("…"))
        return re.fullmatch(".{6,40}".join(parts), text) is not None


def rows() -> list[Row]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [Row(*row[:3], row[3].strip("`")) for row in cells if row[0] not in {"fault", "---"}]


def row_of(file: str, name: str) -> Row:
    """The row of a test, with its parameters or without."""
    by_test = {row.test: row for row in rows()}
    full = f"{file}::{name}"
    return by_test.get(full) or by_test[full.partition("[")[0]]
