"""Fifty orders at once against a budget that fits ten, from two processes: exactly ten pass, whichever way they come.

And the counter-test: with the lock off more pass, so the race is a race. Both run on SQLite and on PostgreSQL.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from hubportal.audit.actor import SITE
from hubportal.generations.models import Generation, State
from hubportal.usage.budgets import Subject, set_budget
from hubportal.usage.models import Project, Reservation, Scope
from tests import makers
from tests.usage.racing import Order, Plan

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PROCESSES, ORDERS, PRICE = 2, 50, 8
PATIENCE = 300  # seconds


@pytest.fixture(autouse=True)
def key(cast: SimpleNamespace) -> Any:
    return makers.make_key(cast.team, credits=100_000)


def environment() -> dict[str, str]:
    """The site's own settings, on the database of the test."""
    name = str(connection.settings_dict["NAME"])
    url = f"sqlite:///{name}"
    if connection.vendor != "sqlite":
        url = os.environ["HUBPORTAL_TEST_DATABASE_URL"].replace("/postgres?", f"/{name}?")
    own = {"DJANGO_SETTINGS_MODULE": "hubportal.settings", "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    return os.environ | own | {"HUBPORTAL_DATA": str(Path(settings.MEDIA_ROOT).parent), "LOG_LEVEL": "CRITICAL"}


def race(
    cast: SimpleNamespace, folder: Path, orders: Sequence[Order], how: str = "act", *, locked: bool = True
) -> Counter[str]:
    """What became of the orders, counted; they come from as many processes at once."""
    share = len(orders) // PROCESSES
    plans = [
        Plan(list(orders[at * share : (at + 1) * share]), how, locked, cast.team.pk, str(folder), len(orders))
        for at in range(PROCESSES)
    ]
    command = [sys.executable, "-m", "tests.usage.racing"]
    children = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in plans
    ]
    try:
        for child, plan in zip(children, plans, strict=True):
            assert child.stdin
            child.stdin.write(plan.written())
            child.stdin.close()
            child.stdin = None
        said = [child.communicate(timeout=PATIENCE)[0] for child in children]
    finally:
        for child in children:
            child.kill()
            child.wait()
    return Counter(word for words in said for word in json.loads(words))


def failed(cast: SimpleNamespace) -> list[str]:
    made = [makers.make_generation(cast.team, cast.member, size="1024x1024") for _ in range(ORDERS)]
    for generation in made:
        generation.record_refused("invalid_request", "")
    return [str(generation.pk) for generation in made]


def accepted() -> int:
    return Generation.objects.filter(state=State.WAITING).count()


def test_with_the_lock_off_more_pass_than_fit(cast: SimpleNamespace, tmp_path: Path) -> None:
    set_budget(cast.team, Subject.of(None), 10 * PRICE, actor=SITE)

    became = race(cast, tmp_path, [Order(cast.member.pk)] * ORDERS, locked=False)

    assert became["new"] == accepted() > 10


@pytest.mark.parametrize("how", ["act", "form", "again"])
def test_of_fifty_at_once_exactly_ten_pass(cast: SimpleNamespace, tmp_path: Path, how: str) -> None:
    again = failed(cast) if how == "again" else [""] * ORDERS
    set_budget(cast.team, Subject.of(None), 10 * PRICE, actor=SITE)

    became = race(cast, tmp_path, [Order(cast.member.pk, again=one) for one in again], how)

    assert became == {"new": 10, "refused": 40}
    assert accepted() == 10
    assert Reservation.objects.reserved_credits(cast.team) == 10 * PRICE


@pytest.mark.parametrize("scope", ["everyone", "person", "project", "key"])
def test_exactly_ten_pass_whosever_budget_it_is(cast: SimpleNamespace, tmp_path: Path, key: Any, scope: str) -> None:
    project = Project.objects.create(team=cast.team, name="Harbour")
    about = {"person": cast.member, "project": project, "key": key}
    subject = Subject.of(about[scope]) if scope in about else Subject(Scope(scope))
    set_budget(cast.team, subject, 10 * PRICE, actor=SITE)

    became = race(cast, tmp_path, [Order(cast.member.pk, str(project.pk))] * ORDERS)

    assert became == {"new": 10, "refused": 40}


def test_budgets_that_apply_in_different_orders_do_not_wait_for_each_other(
    cast: SimpleNamespace, tmp_path: Path, key: Any
) -> None:
    harbour, town = (Project.objects.create(team=cast.team, name=name) for name in ("Harbour", "Town"))
    for about in (town, cast.admin, key, harbour, None, cast.member):
        set_budget(cast.team, Subject.of(about), 100 * PRICE, actor=SITE)
    pairs = [(cast.member, harbour), (cast.admin, town), (cast.member, town), (cast.admin, harbour), (cast.owner, town)]

    became = race(cast, tmp_path, [Order(person.pk, str(project.pk)) for person, project in pairs * 10])

    assert became == {"new": 50}
