"""One process of the races in test_budget_race.py: its threads order at once, and it prints what became of each order.

`python -m tests.usage.racing` reads a Plan as JSON from standard input. With `locked` false the lock on budgets is off,
which the product has no switch for: it is replaced here.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import django

PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Order:
    """Who orders what for: ids; `again` is a generation that failed, for "try again"."""

    person: int
    project: str = ""
    again: str = ""


@dataclass(frozen=True)
class Plan:
    """What one process orders, how (`act`, `form`, `again`), and where processes wait for one another.

    everyone  orders of all processes together
    """

    orders: list[Order]
    how: str
    locked: bool
    team: int
    folder: str
    everyone: int

    def written(self) -> str:
        return json.dumps(asdict(self))


def wait_for_all(folder: Path, name: str, number: int) -> None:
    """Go on when so many have come to this place."""
    folder.mkdir(exist_ok=True)
    (folder / name).touch()
    until = time.monotonic() + PATIENCE
    while len(list(folder.iterdir())) < number:
        if time.monotonic() > until:
            raise TimeoutError(folder.name)
        time.sleep(0.02)


def main() -> None:
    read = json.load(sys.stdin)
    plan = Plan(**read | {"orders": [Order(**order) for order in read["orders"]]})
    django.setup()
    with ThreadPoolExecutor(len(plan.orders)) as pool:
        became = list(pool.map(partial(_order, plan), plan.orders, range(len(plan.orders))))
    sys.stdout.write(json.dumps(became))


def _order(plan: Plan, order: Order, at: int) -> str:
    from django.db import connection

    from hubportal.accounts.models import User
    from hubportal.teams.models import Team
    from hubportal.usage.models import Project

    team, person = Team.objects.get(pk=plan.team), User.objects.get(pk=order.person)
    project = Project.objects.get(pk=order.project) if order.project else None
    try:
        order_one = _way(plan, team, person, project, order)
        wait_for_all(Path(plan.folder, "begin"), f"{os.getpid()}-{at}", plan.everyone)
        return order_one()
    except Exception as error:  # noqa: BLE001 - whatever it is, the test is to see it
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def _way(plan: Plan, team: Any, person: Any, project: Any, order: Order) -> Any:
    """The order, ready to be given."""
    if plan.how != "act":
        return partial(_by_browser, _browser(person), team, order)
    return partial(_by_act, plan, team, person, project)


def _browser(person: Any) -> Any:
    from django.test import Client

    browser = Client()
    browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def _by_browser(browser: Any, team: Any, order: Order) -> str:
    """Through the form, or by "try again"."""
    place, htmx = f"/t/{team.slug}/generations/", {"HX-Request": "true"}
    if order.again:
        answer = browser.post(f"{place}{order.again}/retry/", headers=htmx)
        refusal = answer.content.decode().partition('class="message"')[2]
    else:
        answer = browser.post(place, {"prompt": "A red boat", "size": "1024x1024"}, headers=htmx)
        refusal = answer.content.decode().partition('id="why"')[2] if answer.status_code == 422 else ""
    if answer.status_code == 200 and not refusal:
        return "new"
    return "refused" if "budget has" in refusal else f"{answer.status_code}: {refusal[:300]}"


def _by_act(plan: Plan, team: Any, person: Any, project: Any) -> str:
    from hubportal.generations.problems import SubmissionRefused
    from hubportal.generations.submission import submit_generation
    from hubportal.hub.client import GenerationParameters

    if not plan.locked:
        _turn_lock_off(plan, team, person)
    boat = GenerationParameters("gpt-image-2", "A red boat", "1024x1024")
    try:
        submit_generation(team, person, boat, project=project)
    except SubmissionRefused as refusal:
        codes = {problem.code for problem in refusal.problems}
        return "refused" if codes == {"over-budget"} else str(codes)
    return "new"


def _turn_lock_off(plan: Plan, team: Any, person: Any) -> None:
    """Read without a lock, and order by that when everybody has read."""
    import threading
    import uuid

    from django.db import connection

    from hubportal.generations import order_rules
    from hubportal.usage.budget_check import budgets_of

    def read(*_order: Any) -> Any:
        found = budgets_of(team, person)
        wait_for_all(Path(plan.folder, "read"), uuid.uuid4().hex, plan.everyone)
        return found

    if connection.vendor == "sqlite":
        # A transaction of ours holds the whole database from its beginning, so here the reading comes before it.
        found = {threading.get_ident(): read()}
        _without_lock.update(found)
        order_rules.lock_budgets = lambda *_order: _without_lock[threading.get_ident()]  # type: ignore[assignment]
    else:
        order_rules.lock_budgets = read  # type: ignore[assignment]


_without_lock: dict[int, Any] = {}

if __name__ == "__main__":
    main()
