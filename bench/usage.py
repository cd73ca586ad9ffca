"""The usage pages at 10,000 ledger entries and at a million, with the database's statistics and without."""

import argparse
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from bench.environment import BenchEnvironment
from bench.report import Line
from bench.scale.bulk import Table, without_indexes
from bench.scale.fill import REBUILD_TOTALS
from bench.scale.measure import set_statistics
from bench.scale.pages import Cost, Query, measure
from bench.scale.people import MODELS, ScaleTeam, make_scale_team
from hubportal.teams.models import Team
from hubportal.usage.models import EntryKind, LedgerEntry, Project

FEW, MANY, QUICK = 10_000, 1_000_000, 100_000
DAYS, PROJECTS, PRICE, GROWTH = 730, 10, 8, 1.5


def run(env: BenchEnvironment, options: argparse.Namespace) -> Iterator[Line]:
    many = QUICK if options.quick else MANY
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    call_command("migrate", verbosity=0, interactive=False)
    scale = make_scale_team()
    Team.objects.update(created_at=timezone.now() - timedelta(days=DAYS))
    projects = [Project.objects.create(team=scale.team, name=f"Project {number}") for number in range(PROJECTS)]
    fill(scale, projects, FEW, seed=1)
    few = _costs(scale, projects, options.only)
    fill(scale, projects, many - FEW, seed=2)
    for name, cost in _costs(scale, projects, options.only).items():
        yield Line(name, cost.server, few[name].server, "s", GROWTH, f"at {many:,} entries, against {FEW:,}")


def fill(scale: ScaleTeam, projects: list[Project], number: int, seed: int) -> None:
    """Add so many charges, spread evenly over two years, and count the totals anew.

    A person works for a few projects, with one key, and mostly on one model, as people do.
    """
    chance = random.Random(seed)  # noqa: S311 - made-up work
    prototype = LedgerEntry(team=scale.team, author=scale.people[0], kind=EntryKind.CHARGE, credits=PRICE, pictures=1)
    table = Table(prototype, "author_id", "key_id", "project_id", "generation_id", "model", "day", "written_at")
    first = timezone.now() - timedelta(days=DAYS)
    with without_indexes(table.name), transaction.atomic():
        table.insert(_rows(scale, projects, number, first, chance))
    call_command(REBUILD_TOTALS, verbosity=0, stdout=StringIO())


def _rows(
    scale: ScaleTeam, projects: list[Project], number: int, first: datetime, chance: random.Random
) -> Iterator[tuple[object, ...]]:
    models, weights = list(MODELS), list(MODELS.values())
    for place in range(number):
        moment = first + timedelta(days=DAYS) * place / number
        at = chance.randrange(len(scale.people))
        project = projects[(at + chance.randrange(3)) % len(projects)].pk if chance.random() < 0.9 else None
        key = scale.keys[at % len(scale.keys)].pk
        model = chance.choices(models, weights)[0]
        yield scale.people[at].pk, key, project, uuid.uuid4(), model, moment.date(), moment


def _costs(scale: ScaleTeam, projects: list[Project], only: str) -> dict[str, Cost]:
    costs = {}
    for word in ("without", "with"):
        set_statistics(word)
        for name, (place, query) in _pages(projects).items():
            if only in name:
                costs[f"{name}, {word}"] = measure(scale, place, query)
    return costs


def _pages(projects: list[Project]) -> dict[str, tuple[str, Query]]:
    now = timezone.localdate()
    days = {"from": f"{now - timedelta(days=40)}", "to": f"{now}"}
    return {
        "usage, month": ("usage:overview", {}),
        "usage, today": ("usage:overview", {"from": f"{now}", "to": f"{now}"}),
        "usage, some days": ("usage:overview", days),
        "usage, year": ("usage:overview", {"from": f"{now.year - 1}-01-01", "to": f"{now.year - 1}-12-31"}),
        "usage, a project": ("usage:overview", {"project": projects[3].pk}),
        "projects": ("usage:projects", {}),
    }
