"""Budgets: what counts against them, who is stopped, and what is said."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from hubportal.audit.actor import SITE
from hubportal.audit.models import AuditEntry
from hubportal.generations.decisions import cancel_generation, retry_generation
from hubportal.generations.models import Generation, State
from hubportal.generations.problems import SubmissionProblem, SubmissionRefused
from hubportal.generations.submission import submit_generation
from hubportal.generations.worker.scheduling import claim
from hubportal.hub.client import GenerationParameters
from hubportal.keys.models import Key
from hubportal.usage import budgets
from hubportal.usage.budget_check import budgets_of, lock_budgets
from hubportal.usage.budgets import CreditsOutOfRange, Subject, SubjectElsewhere, lift_budget, set_budget
from hubportal.usage.credits import credits_of
from hubportal.usage.models import Budget, EntryKind, LedgerEntry, MonthlyTotal, Project, Reservation, Scope
from tests import makers

pytestmark = pytest.mark.django_db

# 8 credits.
BOAT = GenerationParameters("gpt-image-2", "A red boat", "1024x1024")


@pytest.fixture(autouse=True)
def key(cast: SimpleNamespace) -> Key:
    return makers.make_key(cast.team)


@pytest.fixture
def project(cast: SimpleNamespace) -> Project:
    return Project.objects.create(team=cast.team, name="Harbour")


def allow(cast: SimpleNamespace, credits: int, about: Any = None, **how: Any) -> Budget:
    subject = about if isinstance(about, Subject) else Subject.of(about)
    set_budget(cast.team, subject, credits, actor=SITE, **how)
    return Budget.objects.get(team=cast.team, **subject.fields)


def refused(cast: SimpleNamespace, person: Any = None, **asked: Any) -> list[SubmissionProblem]:
    with pytest.raises(SubmissionRefused) as refusal:
        submit_generation(cast.team, person or cast.member, BOAT, **asked)
    return list(refusal.value.problems)


def submit(cast: SimpleNamespace, person: Any = None, **asked: Any) -> Generation:
    return submit_generation(cast.team, person or cast.member, BOAT, **asked).generation


def charge(cast: SimpleNamespace, person: Any, credits: int, **facts: Any) -> None:
    """Credits spent this month."""
    generation = makers.make_generation(cast.team, person, credits=0, **facts)
    LedgerEntry.objects.record(generation.work, EntryKind.CHARGE, credits, pictures=1)


def test_a_team_without_budgets_pays_one_query(cast: SimpleNamespace, django_assert_num_queries: Any):
    lock_budgets(cast.team, cast.member, None)

    with django_assert_num_queries(1):
        assert not lock_budgets(cast.team, cast.member, None).without_room(10**6, None, [])


def test_many_budgets_are_locked_and_read_in_two_queries(
    cast: SimpleNamespace, project: Project, key: Key, django_assert_num_queries: Any
):
    for about in (None, cast.member, cast.admin, project, key, Subject(Scope.EVERYONE)):
        allow(cast, 100, about)

    with django_assert_num_queries(2):
        found = lock_budgets(cast.team, cast.member, project)

    assert {use.budget.scope for use in found.general} == {"team", "person"}
    assert (set(found.projects), set(found.keys)) == ({project.pk}, {key.pk})


@pytest.mark.parametrize("whose", ["team", "everyone", "person", "project", "key"])
def test_spent_and_reserved_together_stop_what_does_not_fit(
    cast: SimpleNamespace, project: Project, key: Key, whose: str
):
    about = {"person": cast.member, "project": project, "key": key}.get(
        whose, Subject(Scope(whose)) if whose != "team" else None
    )
    allow(cast, 24, about)
    spent = makers.make_generation(cast.team, cast.member, credits=0, project=project)
    spent.key = key
    LedgerEntry.objects.record(spent.work, EntryKind.CHARGE, 8, pictures=1)

    submit(cast, project=project)
    submit(cast, project=project)
    [problem] = refused(cast, project=project)

    assert problem.code == "over-budget"
    assert problem.budget is not None
    assert (problem.budget.scope, problem.budget.left, problem.price) == (whose, 0, 8)
    assert Generation.objects.exclude(pk=spent.pk).count() == 2


def test_all_budgets_that_are_too_small_are_told_and_nothing_is_reserved(cast: SimpleNamespace, project: Project):
    allow(cast, 7)
    allow(cast, 100, cast.member)
    allow(cast, 5, project)

    problems = refused(cast, project=project)

    assert [problem.budget and problem.budget.scope for problem in problems] == ["team", "project"]
    assert Reservation.objects.count() == 0


def test_a_budget_for_each_person_is_everyones_own_but_for_those_who_have_another(cast: SimpleNamespace):
    allow(cast, 8, Subject(Scope.EVERYONE))
    allow(cast, 16, cast.admin)

    submit(cast)
    submit(cast, cast.admin)
    submit(cast, cast.admin)

    assert refused(cast)[0].budget.scope == Scope.EVERYONE
    assert refused(cast, cast.admin)[0].budget.scope == Scope.PERSON
    assert submit(cast, cast.owner)


def test_others_projects_and_people_do_not_count(cast: SimpleNamespace, project: Project):
    allow(cast, 8, project)
    allow(cast, 8, cast.member)
    charge(cast, cast.admin, 500)

    assert submit(cast, project=project)


def test_a_soft_budget_stops_nothing(cast: SimpleNamespace):
    allow(cast, 0, is_hard=False)

    assert submit(cast)


def test_0_closes_also_for_what_has_no_price_known(cast: SimpleNamespace):
    allow(cast, 0)
    unpriced = GenerationParameters("nanobanana", "A red boat", "1024x1024")

    with pytest.raises(SubmissionRefused) as refusal:
        submit_generation(cast.team, cast.member, unpriced)

    [problem] = refusal.value.problems
    assert problem.budget.resets_on is None


def test_what_has_no_price_known_takes_nothing_of_a_budget(cast: SimpleNamespace):
    allow(cast, 4)
    unpriced = GenerationParameters("nanobanana", "A red boat", "1024x1024")

    assert submit_generation(cast.team, cast.member, unpriced).is_new


def test_a_budget_lowered_below_what_is_reserved_lets_that_go_on_and_nothing_new(cast: SimpleNamespace):
    under_way = submit(cast)
    allow(cast, 3)

    [problem] = refused(cast)

    assert problem.budget.left == 0
    assert claim(under_way.pk)


def test_a_reservation_ends_with_its_order_and_gives_the_room_back(cast: SimpleNamespace):
    allow(cast, 8)
    first = submit(cast)
    refused(cast)

    cancel_generation(first)

    assert submit(cast)


def test_a_reservation_is_held_however_long_its_picture_takes(cast: SimpleNamespace):
    allow(cast, 8)
    first = submit(cast)
    Generation.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(days=40))
    Reservation.objects.update(made_at=timezone.now() - timedelta(days=40))

    assert refused(cast)


def test_trying_again_is_held_against_budgets_too(cast: SimpleNamespace):
    failed = submit(cast)
    failed.record_refused("invalid_request", "")
    allow(cast, 7)

    with pytest.raises(SubmissionRefused):
        retry_generation(failed, cast.member)


def test_a_key_that_is_used_up_is_passed_over(cast: SimpleNamespace, key: Key):
    spare = makers.make_key(cast.team, label="Spare")
    allow(cast, 8, key)

    sent = [claim(submit(cast).pk) for _ in range(2)]

    assert [one and one.key for one in sent] == [key, spare]


def test_orders_are_refused_when_what_waits_for_a_key_fills_all_of_them(cast: SimpleNamespace, key: Key):
    spare = makers.make_key(cast.team, label="Spare")
    allow(cast, 8, key)
    allow(cast, 15, spare)

    submit(cast)
    submit(cast)
    [problem] = refused(cast)

    assert (problem.budget.scope, problem.budget.left) == (Scope.KEY, 7)


def test_an_order_that_no_key_alone_has_room_for_is_refused_though_together_they_have(cast: SimpleNamespace, key: Key):
    spare = makers.make_key(cast.team, label="Spare")
    allow(cast, 15, key)
    allow(cast, 15, spare)

    first, second = submit(cast), submit(cast)
    [problem] = refused(cast)

    assert (problem.budget.scope, problem.budget.left, problem.budget.subject) == (Scope.KEY, 7, str(key))
    assert [claimed and claimed.key for claimed in (claim(first.pk), claim(second.pk))] == [key, spare]


def test_what_fits_no_key_any_more_is_not_overtaken_by_what_would(cast: SimpleNamespace, key: Key):
    allow(cast, 7, key)
    allow(cast, 15, makers.make_key(cast.team, label="Spare"))
    makers.make_generation(cast.team, cast.member, credits=16)

    [problem] = refused(cast)

    assert (problem.budget.subject, problem.budget.left) == (str(key), 7)


def test_a_key_without_a_budget_takes_what_the_others_have_no_room_for(cast: SimpleNamespace, key: Key):
    makers.make_key(cast.team, label="Free")
    allow(cast, 7, key)

    claimed = claim(submit(cast).pk)

    assert claimed
    assert str(claimed.key).startswith("Free")


def test_an_order_waits_and_says_why_when_the_budgets_of_keys_were_lowered(cast: SimpleNamespace, key: Key):
    waiting = submit(cast)
    allow(cast, 7, key)

    assert claim(waiting.pk) is None

    waiting.refresh_from_db()
    assert (waiting.state, waiting.error_code) == (State.WAITING, "keyBudget")
    assert waiting.due_at > timezone.now()
    before = waiting.version
    Generation.objects.update(due_at=timezone.now())
    assert claim(waiting.pk) is None
    waiting.refresh_from_db()
    assert waiting.version == before
    allow(cast, 8, key)
    Generation.objects.update(due_at=timezone.now())
    assert claim(waiting.pk)


def test_what_an_order_has_reserved_on_its_key_is_not_in_its_own_way(cast: SimpleNamespace, key: Key):
    allow(cast, 8, key)
    sent = claim(submit(cast).pk)
    assert sent
    sent.record_not_sent("unreachable", again_in=timedelta())

    assert claim(sent.pk)


def test_the_price_and_the_pill_agree_with_a_keys_budget(cast: SimpleNamespace, key: Key):
    allow(cast, 100, key)
    charge(cast, cast.member, 0)
    generation = makers.make_generation(cast.team, cast.member, credits=10)
    generation.key = key
    LedgerEntry.objects.record(generation.work, EntryKind.CHARGE, 30, pictures=1)

    credits = credits_of(cast.team)

    assert (credits.at_hub, credits.left, credits.reserved, credits.free) == (1000, 70, 10, 60)


@pytest.mark.parametrize("credits", [-1, 2**31, 2**63])
def test_a_budget_has_from_0_to_what_the_column_holds(cast: SimpleNamespace, credits: int):
    with pytest.raises(CreditsOutOfRange):
        allow(cast, credits)

    assert not Budget.objects.exists()


def test_another_teams_project_gets_no_budget_here(cast: SimpleNamespace):
    elsewhere = Project.objects.create(team=cast.stranger.memberships.get().team, name="Theirs")

    for about in (elsewhere, cast.stranger):
        with pytest.raises(SubjectElsewhere):
            allow(cast, 5, about)


def test_setting_and_lifting_is_in_the_audit_log_once(cast: SimpleNamespace):
    allow(cast, 100)
    allow(cast, 100)
    allow(cast, 50)
    assert lift_budget(cast.team, Subject.of(None), actor=SITE)
    assert not lift_budget(cast.team, Subject.of(None), actor=SITE)

    said = [
        (entry.action, entry.detail.get("before"), entry.detail.get("after"))
        for entry in AuditEntry.objects.order_by("pk")
    ]

    assert said == [("budget.set", None, None), ("budget.set", 100, 50), ("budget.lifted", None, None)]


def test_what_a_budget_says_is_what_the_totals_say(cast: SimpleNamespace):
    allow(cast, 100)
    charge(cast, cast.member, 30)
    charge(cast, cast.admin, 12)
    submit(cast)

    [use] = budgets_of(cast.team, cast.member).general

    assert (use.spent, use.reserved, use.left) == (42, 8, 50)
    assert sum(total.charged for total in MonthlyTotal.objects.all()) == 42


def test_people_are_told_once_when_a_budget_is_near_its_end_and_once_when_it_is_reached(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[str, int]] = []
    for word in ("near", "reached"):
        monkeypatch.setattr(budgets, f"tell_{word}", lambda use, word=word: told.append((word, use.taken)))
    allow(cast, 24, warn_at=60)

    for _ in range(3):
        submit(cast)
    refused(cast)

    assert told == [("near", 16), ("reached", 24)]


def test_a_keys_budget_is_told_of_when_it_is_sent_with(
    cast: SimpleNamespace, key: Key, monkeypatch: pytest.MonkeyPatch
):
    told: list[int] = []
    monkeypatch.setattr(budgets, "tell_reached", lambda use: told.append(use.taken))
    allow(cast, 8, key)
    waiting = submit(cast)
    assert told == []

    claim(waiting.pk)

    assert told == [8]
