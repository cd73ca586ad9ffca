"""`python -m bench [NAME] [--database …]`, `python -m bench --crash [KILLS]`: what bin/bench becomes."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django

from bench.environment import ROOT, Place, place
from bench.report import say

BENCHMARKS = {
    "follow": "follow.measure",
    "post": "post",
    "references": "references",
    "cpu": "cpu",
    "thumbnails": "thumbnails",
}
CRASH = "crash.run"
WHOLE = 100  # kills
SETTINGS = "hubportal.settings"


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.name == "all" and options.crash is None:
        return max([_in_a_process_of_its_own(name, options) for name in BENCHMARKS])
    options.data.mkdir(parents=True, exist_ok=True)
    settings = SETTINGS if options.crash is None else "bench.crash.settings"
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=options.data) as folder,
        place(Path(folder), options.database, settings) as chosen,
    ):
        return _run(BENCHMARKS[options.name] if options.crash is None else CRASH, chosen, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Benchmarks as ratios; see docs/speed.md.")
    parser.add_argument("name", nargs="?", choices=[*BENCHMARKS, "all"], default="all")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--data", type=Path, default=ROOT / "var", help="where its files go meanwhile (default: var)")
    crash = parser.add_argument_group("the crash test, instead of the benchmarks")
    crash.add_argument("--crash", type=int, metavar="KILLS", nargs="?", const=WHOLE)
    crash.add_argument("--strike", choices=["workers", "site"], default="workers", help="what is ended (docs/speed.md)")
    crash.add_argument("--workers", type=int, choices=range(1, 9), default=1, help="worker processes at a time")
    crash.add_argument("--rate", type=float, default=4.0, help="submissions a second (default: 4)")
    crash.add_argument("--seed", type=int, help="of the moments and the prompts; any, unless given")
    return parser


def _in_a_process_of_its_own(name: str, options: argparse.Namespace) -> int:
    """Django is set up once a process, for one site."""
    command = [sys.executable, "-m", "bench", name, "--database", options.database, "--data", str(options.data)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - a command of ours


def _run(module: str, chosen: Place, options: argparse.Namespace) -> int:
    """Do it, and say how it went. Gives the exit status: 1 when a bound does not hold."""
    os.environ |= chosen.environment
    django.setup()
    try:
        # Only now: a benchmark imports models, which need the settings that name its place.
        lines = import_module(f"bench.{module}").run(chosen, options)
    except Exception:
        say(f"What the processes said last:\n{chosen.last_words}")
        raise
    for line in lines:
        say(line)
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
