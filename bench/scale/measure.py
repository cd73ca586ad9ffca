"""Every page at 10,000 pictures and at a million in the same run, with the database's statistics and without."""

import argparse
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from bench.environment import BenchEnvironment
from bench.report import Line, print_line
from bench.scale.fill import fill
from bench.scale.pages import Cost, addresses, measure
from bench.scale.people import ScaleTeam, make_scale_team

FEW, MANY, QUICK = 10_000, 1_000_000, 100_000
GROWTH, DATABASE_BOUND, FILL_BOUND = 1.5, 0.010, 120.0
WITHOUT = {
    "sqlite": ("DROP TABLE IF EXISTS sqlite_stat1", "DROP TABLE IF EXISTS sqlite_stat4"),
    "postgresql": ("DELETE FROM pg_statistic", "UPDATE pg_class SET reltuples = -1 WHERE relkind IN ('r', 'i')"),
}


def run(env: BenchEnvironment, options: argparse.Namespace) -> Iterator[Line]:
    many = QUICK if options.quick else MANY
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    call_command("migrate", verbosity=0, interactive=False)
    scale = make_scale_team()
    fill(scale, FEW, seed=1)
    at_few = _measure_both(scale, options.only)
    began = time.monotonic()
    fill(scale, many - FEW, seed=2)
    taken = time.monotonic() - began
    yield Line("scale.fill", taken, FILL_BOUND * many / MANY, "s", 1.0, f"{many - FEW:,} pictures with all behind them")
    for name, cost in _measure_both(scale, options.only).items():
        yield Line(f"{name}", cost.server, at_few[name].server, "s", GROWTH, "of the server, against 10,000 pictures")
        yield Line(f"{name}", cost.database, DATABASE_BOUND, "s", 1.0, "in the database, against 10 ms")


def _measure_both(scale: ScaleTeam, only: str) -> dict[str, Cost]:
    """What each page costs, without statistics and with them."""
    costs = {}
    for word in ("without", "with"):
        set_statistics(word)
        for name, (place, query) in addresses(scale).items():
            if only in name:
                costs[f"{name}, {word}"] = measure(scale, place, query)
    return costs


def set_statistics(word: str) -> None:
    with connection.cursor() as cursor:
        for statement in ("ANALYZE",) if word == "with" else WITHOUT[connection.vendor]:
            cursor.execute(statement)
    # What a connection has read of them it keeps.
    connection.close()
    print_line(f"-- {word} statistics")
