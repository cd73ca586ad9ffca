"""What the hub says against the ledger: what passed by is written down once, and nothing of ours is taken for it."""

import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hubportal.audit.actor import Actor
from hubportal.generations.account_checks import anything_to_compare, reconcile_accounts, teams_whose_costs_differ
from hubportal.generations.models import Generation
from hubportal.hub.records import Balance, parse_generation
from hubportal.keys.models import Key
from hubportal.usage.accounts import drift
from hubportal.usage.credits import credits_of
from hubportal.usage.models import AccountBalance, EntryKind, LedgerEntry
from hubportal.usage.reconciliation import join_accounts, keep_accounts_apart, separate_account
from tests import makers

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Account:
    """A key of the team, and the hub's side of its account: `says` is a look at it, some minutes after the last."""

    def __init__(self, cast: SimpleNamespace, clock: Any, *, credits: int = 1000, label: str = "Main") -> None:
        self.cast, self.clock, self.credits = cast, clock, credits
        self.key = makers.make_key(cast.team, credits=credits, label=label)

    def says(self, credits: int | None = None, *, expires: datetime | None = None) -> list[tuple[str, int]]:
        """Ask, compare, and return kind and credits of the entries that this added."""
        self.credits = self.credits if credits is None else credits
        before = set(LedgerEntry.objects.values_list("pk", flat=True))
        self.clock.shift(timedelta(minutes=5))
        self.key.record_balance(Balance(self.credits, "PRO", expires), asked_at=datetime.now(UTC))
        self.clock.shift(timedelta(seconds=1))
        reconcile_accounts()
        return [(one.kind, one.credits) for one in LedgerEntry.objects.exclude(pk__in=before)]

    def sends(self, credits: int = 8) -> Generation:
        """A generation that the hub accepted."""
        waiting = makers.make_generation(self.cast.team, self.cast.member, credits=credits)
        sent = Generation.objects.claim_for_sending(waiting.pk, self.key)
        assert sent is not None
        usage = {"credits": 0, "credits_requested": credits}
        hub_id = f"clx_{uuid.uuid4().hex}"
        assert sent.record_accepted(parse_generation({"id": hub_id, "status": "queued", "images": [], "usage": usage}))
        self.credits -= credits
        return sent

    def fails(self, generation: Generation) -> None:
        self.credits += generation.charged or 0
        generation.record_answered(
            parse_generation({"id": generation.hub_id, "status": "failed", "images": [], "usage": {"credits": 0}})
        )


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def account(cast: SimpleNamespace, clock: Any) -> Account:
    account = Account(cast, clock)
    assert account.says() == []
    return account


def test_what_was_spent_elsewhere_with_the_key_is_written_down_once(account: Account) -> None:
    assert account.says(976) == [("outside", 24)]

    assert account.says(976) == []
    entry = LedgerEntry.objects.get()
    assert (entry.key, entry.author, entry.generation_id, entry.balance) == (account.key, None, None, 976)
    assert (entry.since, entry.written_at) == (NOON + timedelta(minutes=5), NOON + timedelta(minutes=10, seconds=1))
    assert drift() == 0


def test_our_own_work_is_not_taken_for_somebody_elses(account: Account) -> None:
    account.fails(account.sends())
    account.sends(16)
    open_one = account.sends()
    account.fails(open_one)

    assert account.says() == []  # one is still being made
    Generation.objects.filter(finished_at=None).update(state="failed", finished_at=datetime.now(UTC))
    assert account.says() == []
    assert AccountBalance.objects.get().balance == 984


def test_while_work_is_on_its_way_nothing_is_compared(account: Account) -> None:
    generation = account.sends()

    assert account.says(account.credits - 30) == []
    assert drift() == 0
    assert not anything_to_compare()
    account.fails(generation)
    assert account.says() == [("outside", 30)]
    assert drift() == 0


def test_a_charge_that_we_have_not_heard_of_is_waited_for(account: Account) -> None:
    """The hub took it, its answer was lost: only a person can say what became of it."""
    waiting = makers.make_generation(account.cast.team, account.cast.member)
    sent = Generation.objects.claim_for_sending(waiting.pk, account.key)
    assert sent is not None
    assert sent.record_unknown("timeout")

    assert account.says(992) == []
    assert drift() == 8
    Generation.objects.get(pk=sent.pk).settle_as_accepted(account.cast.member)
    assert account.says(992) == []
    assert account.says(992) == []
    assert drift() == 0
    assert [entry.kind for entry in LedgerEntry.objects.all()] == [EntryKind.CHARGE]


@pytest.mark.parametrize("has_ended", [False, True], ids=["before it is heard of", "just heard of"])
def test_a_charge_around_the_look_is_not_taken_for_somebody_elses(account: Account, has_ended: bool) -> None:
    """Asked in between, the hub tells what is left after a charge that is not in the ledger of that moment."""
    waiting = makers.make_generation(account.cast.team, account.cast.member)
    sent = Generation.objects.claim_for_sending(waiting.pk, account.key)
    assert sent is not None
    account.clock.shift(timedelta(minutes=5))
    account.key.record_balance(Balance(992, "PRO", None), asked_at=datetime.now(UTC))
    account.clock.shift(timedelta(seconds=1))
    if has_ended:
        sent.record_accepted(parse_generation({"id": "clx_1", "status": "queued", "images": []}))
        sent.record_answered(parse_generation({"id": "clx_1", "status": "failed", "usage": {"credits": 8}}))

    reconcile_accounts()

    assert not LedgerEntry.objects.filter(generation_id=None).exists()
    if has_ended:
        assert account.says(992) == []


def test_credits_that_were_bought_and_that_expired_are_told_apart(account: Account) -> None:
    soon = NOON + timedelta(minutes=20)

    assert account.says(1500, expires=soon) == [("topup", -500)]
    assert account.says(1500, expires=soon) == []
    account.clock.shift(timedelta(minutes=10))
    assert account.says(1100) == [("expiry", 400)]
    assert account.says(1090) == [("outside", 10)]


def test_a_look_that_came_too_late_changes_nothing(account: Account) -> None:
    account.says(976)
    account.key.told_balance, account.key.told_at = 1000, NOON
    account.key.save()

    reconcile_accounts()

    assert LedgerEntry.objects.count() == 1
    assert not anything_to_compare()


def test_a_balance_the_hub_does_not_tell_is_compared_with_nothing(account: Account) -> None:
    account.clock.shift(timedelta(minutes=5))
    account.key.record_balance(Balance(None, "PRO", None), asked_at=datetime.now(UTC))

    assert not anything_to_compare()


# Two keys, one account -------------------------------------------------------------------------------------------


@pytest.fixture
def twins(account: Account) -> tuple[Account, Account]:
    """Two keys of which nobody has said that they are of one account."""
    other = Account(account.cast, account.clock, label="Second")
    assert (account.says(), other.says()) == ([], [])
    return account, other


def both_say(twins: tuple[Account, Account]) -> list[tuple[str, int]]:
    first, second = twins
    second.credits = first.credits
    return [*first.says(), *second.says(), *first.says(), *second.says()]


def test_keys_that_move_alike_are_asked_about_and_nothing_is_booked_twice(twins: tuple[Account, Account]) -> None:
    first, second = twins
    first.fails(first.sends())
    first.fails(first.sends(40))
    first.credits -= 24

    assert both_say(twins) == [("outside", 24)]
    row = AccountBalance.objects.get(account=second.key.account)
    assert row.same_as == first.key.account
    assert credits_of(first.cast.team).left == 976 * 2

    assert join_accounts(first.cast.team, second.key.account, first.key.account, actor=Actor(first.cast.admin))
    for one in twins:
        one.key.refresh_from_db()
    assert both_say(twins) == []
    assert credits_of(first.cast.team).left == 976


def test_what_one_key_of_an_account_spends_is_gone_from_the_other_at_once(twins: tuple[Account, Account]) -> None:
    first, second = twins
    join_accounts(first.cast.team, first.key.account, second.key.account, actor=Actor(first.cast.admin))
    first.key.refresh_from_db()

    generation = first.sends(40)

    second.key.refresh_from_db()
    assert (second.key.balance, credits_of(first.cast.team).left) == (960, 960)
    first.fails(generation)
    second.key.refresh_from_db()
    assert second.key.balance == 1000


def test_two_accounts_that_happen_to_move_alike_stay_two(twins: tuple[Account, Account]) -> None:
    first, _second = twins
    first.credits -= 24
    both_say(twins)
    row = AccountBalance.objects.exclude(same_as=None).get()

    assert keep_accounts_apart(first.cast.team, row.account, row.same_as, actor=Actor(first.cast.admin))
    both_say(twins)

    assert sorted(LedgerEntry.objects.values_list("kind", "credits")) == [("outside", 24), ("outside", 24)]
    assert not AccountBalance.objects.exclude(same_as=None).exists()
    assert not keep_accounts_apart(first.cast.team, row.account, row.same_as, actor=Actor(first.cast.admin))


def test_a_key_that_belongs_elsewhere_after_all_is_counted_by_itself(twins: tuple[Account, Account]) -> None:
    first, second = twins
    actor = Actor(first.cast.admin)
    join_accounts(first.cast.team, first.key.account, second.key.account, actor=actor)

    assert separate_account(second.key, actor=actor)
    assert not separate_account(second.key, actor=actor)

    assert not Key.objects.filter(shares_account=True).exists()
    assert credits_of(first.cast.team).left == 2000


# The page --------------------------------------------------------------------------------------------------------


def usage_page(browser: Any, team: Any) -> Any:
    return BeautifulSoup(browser.get(reverse("usage:overview", args=[team.slug])).content, "html.parser")


def test_admins_read_what_moved_outside_and_members_do_not(account: Account, browser_of: Any) -> None:
    account.says(976)
    account.says(1476)

    page = usage_page(browser_of("admin"), account.cast.team)

    words = page.select_one("section[aria-labelledby=at-the-hub]").get_text(" ", strip=True)
    assert f"24 credits were spent with {account.key} outside Hubportal." in words
    assert f"500 credits were added to the account of {account.key}." in words
    assert "1,476 credits at the hub" in words
    assert "The ledger agrees with the hub." in words
    assert usage_page(browser_of("member"), account.cast.team).select_one("section[aria-labelledby=at-the-hub]") is None


def test_an_admin_says_on_the_page_that_two_keys_are_of_one_account(
    twins: tuple[Account, Account], browser_of: Any
) -> None:
    first, _second = twins
    first.credits -= 24
    both_say(twins)
    browser, team = browser_of("admin"), first.cast.team
    form = usage_page(browser, team).select_one("form[action*='/usage/accounts/']")
    other = form.select_one("input[name=other]")["value"]

    wrong = browser.post(form["action"], {"other": "x", "answer": "one"})
    right = browser.post(form["action"], {"other": other, "answer": "one"})
    again = browser.post(form["action"], {"other": other, "answer": "one"}, follow=True)

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert "Nothing was changed" in again.content.decode()
    assert Key.objects.filter(shares_account=True).count() == 2


def test_an_admin_takes_a_key_out_of_an_account_again(twins: tuple[Account, Account], browser_of: Any) -> None:
    first, second = twins
    team, browser = first.cast.team, browser_of("admin")
    join_accounts(team, first.key.account, second.key.account, actor=Actor(first.cast.admin))
    for one in twins:
        one.key.refresh_from_db()
    both_say(twins)
    assert f"same account as {second.key}" in browser.get(reverse("keys:index", args=[team.slug])).content.decode()
    forms = usage_page(browser, team).select("form[action*='/usage/keys/']")

    said = [browser.post(forms[1]["action"], follow=True).content.decode() for _ in range(2)]

    assert len(forms) == 2
    assert "is counted by itself from now on" in said[0]
    assert "Nothing was changed" in said[1]
    assert not Key.objects.filter(shares_account=True).exists()


# Always ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    acts=st.lists(
        st.one_of(
            st.tuples(st.just("send"), st.integers(1, 60)),
            st.tuples(st.just("fail"), st.just(0)),
            st.tuples(st.just("outside"), st.integers(1, 90)),
            st.tuples(st.just("topup"), st.integers(1, 900)),
            st.tuples(st.just("look"), st.just(0)),
        ),
        max_size=14,
    )
)
def test_an_accounts_balance_falls_by_the_sum_of_its_entries(
    cast: SimpleNamespace, acts: list[tuple[str, int]]
) -> None:
    with time_machine.travel(NOON, tick=False) as clock, transaction.atomic():
        account = Account(cast, clock)
        account.says()
        sent: list[Generation] = []
        for act, credits in acts:
            clock.shift(timedelta(seconds=20))
            if act == "send":
                sent.append(account.sends(credits))
            elif act == "fail" and sent:
                account.fails(sent.pop())
            elif act == "outside":
                account.credits -= credits
            elif act == "topup":
                account.credits += credits
            elif act == "look":
                account.says()
        for generation in sent:
            account.fails(generation)
        account.says()

        entries = LedgerEntry.objects.filter(key=account.key)
        assert 1000 - sum(entry.credits for entry in entries) == account.credits
        assert AccountBalance.objects.get(account=account.key.account).difference == 0
        assert not teams_whose_costs_differ()
        # The examples share a database: none leaves its account to the next.
        transaction.set_rollback(True)
