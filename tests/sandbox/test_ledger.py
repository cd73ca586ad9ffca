"""The ledger: written once, never changed."""

import sqlite3
from pathlib import Path

import pytest

from hubportal.sandbox.server import RunningSandbox
from hubportal.sandbox.storage import Database, GenerationStore
from tests.sandbox.caller import Caller, Insider, net


@pytest.fixture
def ended(tmp_path: Path) -> sqlite3.Connection:
    """The database of a sandbox that has charged once and is stopped."""
    sandbox = RunningSandbox.start(tmp_path, pace=60)
    Caller(sandbox.url, sandbox.hub.new_key()).submit()
    sandbox.stop()
    return sqlite3.connect(tmp_path / "sandbox.sqlite3")


@pytest.mark.parametrize("statement", ["UPDATE ledger SET credits = 1", "DELETE FROM ledger"])
def test_entries_are_never_changed_or_removed(ended: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ended.execute(statement)


def test_a_generation_is_charged_only_once(ended: sqlite3.Connection) -> None:
    columns = "account_id, key_id, generation_id, kind, credits, at"

    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        ended.execute(f"INSERT INTO ledger ({columns}) SELECT {columns} FROM ledger")


def test_finishing_twice_gives_back_once(ended: sqlite3.Connection, tmp_path: Path) -> None:
    generations = GenerationStore(Database(tmp_path / "sandbox.sqlite3"))
    [running] = generations.running()

    for failure in ("first", "second"):
        generations.finish(running, (), failure)

    [generation] = generations.newest(9)
    assert (generation.state, generation.failure) == ("failed", "first")
    assert ended.execute("SELECT kind, credits FROM ledger").fetchall() == [("charge", 8), ("refund", 8)]
    assert ended.execute("SELECT credits FROM accounts WHERE owner LIKE 'owner-%'").fetchall() == [(1000,)]


def test_an_entry_says_who_what_which_and_when(caller: Insider) -> None:
    hub_id = caller.submit("[partial]", n=3).json()["id"]
    caller.outcome(hub_id)

    charge, refund = caller.hub.ledger(caller.key)
    [generation] = caller.hub.generations(caller.key)
    assert (charge.kind, charge.credits, refund.kind, refund.credits) == ("charge", 24, "refund", 8)
    assert charge.owner == refund.owner
    assert charge.key == refund.key == caller.key[-4:]
    assert charge.generation == refund.generation == hub_id
    assert charge.at == generation.accepted_at <= refund.at


def test_credits_charged_less_refunded_is_what_the_balance_lost(caller: Insider) -> None:
    prompts = ["A harbour", "[fail]", "[partial]", "[noimages]", "[refuse]", "[mute]"]
    answers = [caller.submit(prompt, n=3) for prompt in prompts]
    for answer in answers:
        if answer.status_code == 202:
            caller.outcome(answer.json()["id"])

    assert 1000 - caller.credits() == net(caller.hub.ledger(caller.key)) == 24 + 16
