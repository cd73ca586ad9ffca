"""`python -m tests.fresh [WORD…]`: tries the cases and writes docs/fresh-machines.md."""

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.commands.launched import ROOT
from tests.fresh.cases import Case, Outcome, all_cases
from tests.fresh.index import company_index
from tests.fresh.machines import BASES

PAGE = ROOT / "docs" / "fresh-machines.md"
HEAD = """\
# Fresh machines

What `./bin/fresh` saw when it last tried both commands on bare Debian systems, made by debootstrap with `python3` and
`ca-certificates` and nothing else, on {day}. Seconds are from nothing to a site that answers, or to the end of the
command, on two processors. A site must answer, end within half a minute of SIGTERM and have written nothing outside
the checkout; so must the rest, but for the packages that `./bin/test` installs as root.

| machine | command | result | seconds | what it said |
| --- | --- | --- | --- | --- |
"""


def main(words: list[str]) -> int:
    if os.geteuid() != 0:
        sys.exit("bin/fresh makes whole systems with debootstrap and mounts them: it has to be run as root.")
    if not shutil.which("debootstrap"):
        sys.exit("bin/fresh makes bare systems with debootstrap, which is not here: apt-get install debootstrap")
    outcomes = []
    with tempfile.TemporaryDirectory() as folder, company_index(Path(folder)) as (index, authority):
        for case in all_cases(index, authority):
            name = f"{case.name}: {' '.join(case.command)}"
            if words and not any(word in name for word in words):
                continue
            _say(f"== {name}")
            outcome = case.try_out()
            _say(f"-- {outcome.problem or 'as it must be'}, {outcome.seconds:.0f} s: {outcome.seen}")
            if outcome.problem:
                shutil.copyfile(BASES / "last-output", BASES / f"{len(outcomes)}.log")
                _say(f"   All it said is in {BASES / f'{len(outcomes)}.log'}.")
            outcomes.append((case, outcome))
    if not words:
        PAGE.write_text(HEAD.format(day=f"{datetime.now(UTC):%-d %B %Y}") + "".join(_row(*each) for each in outcomes))
    failed = sum(bool(outcome.problem) for _, outcome in outcomes)
    _say(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _row(case: Case, outcome: Outcome) -> str:
    result = outcome.problem or ("works" if case.succeeds else "told in a sentence")
    cells = (case.name, f"`./{' '.join(case.command)}`", result, f"{outcome.seconds:.0f}", outcome.seen)
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
