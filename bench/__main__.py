"""`python -m bench [NAME] [--database …]`, `python -m bench --crash [KILLS]`: what bin/bench runs."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django

from bench.environment import ROOT, BenchEnvironment, make_environment
from bench.report import print_line

BENCHMARKS = {
    "follow": "follow.measure",
    "post": "post",
    "references": "references",
    "cpu": "cpu",
    "idle": "idle",
    "budgets": "budgets",
    "thumbnails": "thumbnails",
    "pages": "pages",
    "web": "web",
    "scale": "scale.measure",
    "usage": "usage",
    "archive": "archive",
}
# Take as long as all others, most of it to fill their databases: only by name.
NOT_IN_ALL = {"scale", "usage"}
CRASH = "crash.run"
DEFAULT_KILLS = 100
SETTINGS = "hubportal.settings"


def main() -> int:
    options = _parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.name == "all" and options.crash is None:
        return max([_run_in_subprocess(name, options) for name in BENCHMARKS if name not in NOT_IN_ALL])
    options.data.mkdir(parents=True, exist_ok=True)
    settings = SETTINGS if options.crash is None else "bench.crash.settings"
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir=options.data) as folder,
        make_environment(Path(folder), options.database, settings) as env,
    ):
        return _run(BENCHMARKS[options.name] if options.crash is None else CRASH, env, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Benchmarks as ratios; see docs/speed.md.")
    parser.add_argument("name", nargs="?", choices=[*BENCHMARKS, "all"], default="all")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--data", type=Path, default=ROOT / "var", help="where its files go meanwhile (default: var)")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="idle, web: measure this one too, and compare")
    parser.add_argument("--quick", action="store_true", help="scale, usage: 100,000 instead of a million")
    parser.add_argument("--only", default="", help="scale, usage: only pages whose name has this in it")
    crash = parser.add_argument_group("the crash test, instead of the benchmarks")
    crash.add_argument("--crash", type=int, metavar="KILLS", nargs="?", const=DEFAULT_KILLS)
    crash.add_argument(
        "--target", "--strike", choices=["workers", "site"], default="workers", help="what is killed (docs/speed.md)"
    )
    crash.add_argument("--workers", type=int, choices=range(1, 9), default=1, help="worker processes at a time")
    crash.add_argument("--rate", type=float, default=4.0, help="submissions a second (default: 4)")
    crash.add_argument("--seed", type=int, help="of the times and the prompts; random unless given")
    return parser


def _run_in_subprocess(name: str, options: argparse.Namespace) -> int:
    """One process for each: Django is set up once a process, for one site."""
    command = [sys.executable, "-m", "bench", name, "--database", options.database, "--data", str(options.data)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode  # noqa: S603 - a command of ours


def _run(module: str, env: BenchEnvironment, options: argparse.Namespace) -> int:
    """Run one benchmark and print its lines. Returns the exit status: 1 when a bound does not hold."""
    os.environ |= env.variables
    django.setup()
    try:
        # Only now: a benchmark imports models, which need the settings of this environment.
        lines = import_module(f"bench.{module}").run(env, options)
    except Exception:
        print_line(f"The end of what the processes printed:\n{env.last_output}")
        raise
    for line in lines:
        print_line(line)
    return 0 if all(line.holds for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
