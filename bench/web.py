"""What pages and polls cost the web process, beside another checkout (`--against PATH`), or beside an empty answer.

Each checkout is asked in a process of its own, with a folder and a database of its own (web_probe.py).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench.environment import ROOT, BenchEnvironment
from bench.report import Line

PROBE = Path(__file__).with_name("web_probe.py")
# Of the other checkout's CPU, when that is 8a724c9 (issue "Fast").
BOUNDS = {"empty": 1 / 3, "poll": 1 / 4, "create": 1 / 3, "gallery": 1 / 3, "history": 1 / 3}


def run(env: BenchEnvironment, options: argparse.Namespace) -> list[Line]:
    ours = _measure(env, ROOT, "ours")
    lines = [
        Line(f"web.{name}", seconds, ours["empty"], "s", 1 / 0.6 if name == "poll" else None, "beside an empty answer")
        for name, seconds in ours.items()
    ]
    if options.against:
        other = _measure(env, options.against.resolve(), "other")
        lines += [
            Line(f"web.{name}.against", seconds, other[name], "s", BOUNDS.get(name), "beside the other checkout")
            for name, seconds in ours.items()
        ]
    return lines


def _measure(env: BenchEnvironment, checkout: Path, name: str) -> dict[str, float]:
    """Seconds of CPU by page."""
    data = env.data / name
    data.mkdir()
    database = f"sqlite:///{data / 'db.sqlite3'}" if env.database.startswith("sqlite") else env.database
    if name == "other" and not env.database.startswith("sqlite"):
        database = env.second_database()
    own = {"HUBPORTAL_DATA": str(data), "DATABASE_URL": database, "PYTHONPATH": str(checkout)}
    with env.output.open("a") as said:
        printed = subprocess.run(  # noqa: S603 - a command of ours
            [sys.executable, str(PROBE)], cwd=checkout, env=env.variables | own, stdout=subprocess.PIPE, stderr=said,
            check=True,
        ).stdout  # fmt: skip
    found: dict[str, float] = json.loads(printed)
    return found
