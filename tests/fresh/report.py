"""docs/fresh-machines.md: a row for each case, replaced whenever the case was tried again."""

from datetime import UTC, datetime

from tests.commands.launched import ROOT
from tests.fresh.cases import Case, Outcome

PAGE = ROOT / "docs" / "fresh-machines.md"
HEAD = """\
# Fresh machines

What `./bin/fresh` saw when it last tried both commands on bare Debian systems, made by debootstrap with `python3` and
`ca-certificates` and nothing else. Seconds are from nothing to a site that answers, or to the end of the command, on
two processors with other work as well. A site must answer, end within half a minute of SIGTERM and have written nothing
outside the checkout; so must the rest, but for the packages that `./bin/test` installs as root.

| machine | command | tried | result | seconds | what it said |
| --- | --- | --- | --- | --- | --- |
"""


def write_row(case: Case, outcome: Outcome, cases: list[Case]) -> None:
    """Rows keep the order of the cases; those of cases that there are no longer go."""
    text = PAGE.read_text() if PAGE.exists() else ""
    rows = {_key_of(line): line for line in text.splitlines() if line.startswith("| ")}
    rows[_key(case)] = _row(case, outcome)
    PAGE.write_text(HEAD + "".join(f"{rows[_key(each)]}\n" for each in cases if _key(each) in rows))


def _row(case: Case, outcome: Outcome) -> str:
    result = outcome.problem or ("works" if case.succeeds else "told in a sentence")
    cells = (f"{datetime.now(UTC):%Y-%m-%d}", result, f"{outcome.seconds:.0f}", outcome.seen)
    return f"{_key(case)} {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _key(case: Case) -> str:
    return f"| {case.name} | `./{' '.join(case.command)}` |"


def _key_of(row: str) -> str:
    return f"{'|'.join(row.split('|')[:3])}|"
