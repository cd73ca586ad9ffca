"""`python -m tests.fresh [WORD…]`: tries the cases and writes docs/fresh-machines.md."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.fresh.cases import Outcome, all_cases
from tests.fresh.index import company_index
from tests.fresh.machines import BASES
from tests.fresh.report import write_row


def main(words: list[str]) -> int:
    if os.geteuid() != 0:
        sys.exit("bin/fresh makes whole systems with debootstrap and mounts them: it has to be run as root.")
    if not shutil.which("debootstrap"):
        sys.exit("bin/fresh makes bare systems with debootstrap, which is not here: apt-get install debootstrap")
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder, company_index(Path(folder)) as (index, authority):
        cases = all_cases(index, authority)
        for case in cases:
            name = f"{case.name}: {' '.join(case.command)}"
            if words and not any(word in name for word in words):
                continue
            _say(f"== {name}")
            outcome = case.try_out()
            _say(f"-- {outcome.problem or 'as it must be'}, {outcome.seconds:.0f} s: {outcome.seen}")
            if outcome.problem:
                shutil.copyfile(BASES / "last-output", BASES / f"{len(outcomes)}.log")
                _say(f"   All it said is in {BASES / f'{len(outcomes)}.log'}.")
            write_row(case, outcome, cases)
            outcomes.append(outcome)
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    _say(f"{len(outcomes) - failed} passed, {failed} failed")
    return 1 if failed or not outcomes else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
