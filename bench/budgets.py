"""What budgets add to a submission: twenty that apply, against a team that has none; and what an entry of the ledger
takes with its totals, against a bare insert of the same row.

Both are measured in this process, without a web server, which would hide the difference. They take turns, so that
whatever else the machine does meets both.
"""

import argparse
import time
import uuid
from collections.abc import Callable

from django.core.management import call_command
from django.db import transaction

from bench.environment import BenchEnvironment
from bench.report import Line, quantile
from hubportal.accounts.models import User
from hubportal.accounts.signup import get_or_create_account
from hubportal.audit.actor import SITE
from hubportal.generations.submission import submit_generation
from hubportal.hub.client import GenerationParameters
from hubportal.hub.records import Balance
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.teams.teams import start_team
from hubportal.usage.budgets import Subject, set_budget
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry, Project
from hubportal.usage.models.ledger import today

ROUNDS, WARM_UP = 400, 40
KEYS = 17
CREDITS = 2**30
BOAT = GenerationParameters("gpt-image-2", "A red boat", "1024x1024")


def run(_env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    call_command("migrate", verbosity=0, interactive=False)
    owner, _new = get_or_create_account("owner@example.org", "a quiet harbour at dusk")
    capped, plain = _team(owner, "Capped"), _team(owner, "Plain")
    for about in (None, owner, capped[1], *Key.objects.filter(team=capped[0])):
        set_budget(capped[0], Subject.of(about), CREDITS, actor=SITE)
    with_caps, without = _take_turns(lambda: _submit(owner, *capped), lambda: _submit(owner, *plain))
    counted, bare = _take_turns(lambda: _record(_work(owner, *plain)), lambda: _insert(_work(owner, *plain)))
    return [
        Line("budgets.p95", quantile(with_caps, 0.95), quantile(without, 0.95), "s", 1.3, "20 that apply, and none"),
        Line("budgets.median", quantile(with_caps, 0.5), quantile(without, 0.5), "s", None, "the same"),
        Line("entry.p95", quantile(counted, 0.95), quantile(bare, 0.95), "s", 2.0, "with its totals, and bare"),
        Line("entry.median", quantile(counted, 0.5), quantile(bare, 0.5), "s", None, "the same"),
    ]


def _team(owner: User, name: str) -> tuple[Team, Project]:
    """A team with KEYS keys, and a project."""
    team = start_team(name, owner, actor=SITE)
    for at in range(KEYS):
        Key.objects.create_checked(
            team,
            label=f"Key {at}",
            secret=f"gih_live_{uuid.uuid4().hex}",
            added_by=owner,
            balance=Balance(CREDITS, "PRO", None),
        )
    return team, Project.objects.create(team=team, name="Harbour")


def _take_turns(*acts: Callable[[], None]) -> tuple[list[float], ...]:
    """Seconds for each of them, in every round."""
    rounds = [[_seconds(act) for act in acts] for _ in range(WARM_UP + ROUNDS)][WARM_UP:]
    return tuple(map(list, zip(*rounds, strict=True)))


def _seconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _submit(owner: User, team: Team, project: Project) -> None:
    submit_generation(team, owner, BOAT, project=project)


def _work(owner: User, team: Team, project: Project) -> BilledGeneration:
    return BilledGeneration(uuid.uuid4(), team.pk, owner.pk, None, BOAT.model, project_id=project.pk)


@transaction.atomic
def _record(work: BilledGeneration) -> None:
    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8, pictures=1)


@transaction.atomic
def _insert(work: BilledGeneration) -> None:
    LedgerEntry.objects.create(
        generation_id=work.id,
        team_id=work.team_id,
        author_id=work.author_id,
        project_id=work.project_id,
        model=work.model,
        kind=EntryKind.CHARGE,
        credits=8,
        pictures=1,
        day=today(),
    )
