"""Who is told of a budget, and what: once a month when it is near, once when it is used up, and of what is asked."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hubportal.audit.actor import SITE, Actor
from hubportal.generations.models import Generation
from hubportal.generations.problems import SubmissionRefused
from hubportal.generations.submission import submit_generation
from hubportal.hub.client import GenerationParameters
from hubportal.keys.models import Key
from hubportal.notifications.events import EVENTS
from hubportal.notifications.models import Notification
from hubportal.usage.budgets import Subject, answer_request, ask_for_more, set_budget
from hubportal.usage.models import Budget, BudgetRequest, Project, Reservation, Scope
from tests import makers
from tests.generations.test_generation import accepted, finished

pytestmark = pytest.mark.django_db

# 8 credits.
BOAT = GenerationParameters("gpt-image-2", "A red boat", "1024x1024")


@pytest.fixture(autouse=True)
def _key(cast: SimpleNamespace) -> None:
    makers.make_key(cast.team)


def allow(cast: SimpleNamespace, credits: int, subject: Subject, **how: Any) -> Budget:
    set_budget(cast.team, subject, credits, actor=SITE, **how)
    return Budget.objects.get(team=cast.team, **subject.fields)


def order(cast: SimpleNamespace) -> None:
    submit_generation(cast.team, cast.member, BOAT)


def headline(row: Notification) -> str:
    return EVENTS[row.event].headline(row.facts)


def text(event: str) -> str:
    """What more one of this event says."""
    row = Notification.objects.filter(event=event)[0]
    return EVENTS[row.event].text(row.facts)


def told() -> list[tuple[str, str]]:
    """Person and headline of what was told, in the order of people."""
    rows = Notification.objects.select_related("user").order_by("pk")
    return sorted((str(row.user), headline(row)) for row in rows)


def test_the_person_and_those_who_can_raise_it_are_told_once(cast: SimpleNamespace) -> None:
    allow(cast, 24, Subject.of(cast.member), warn_at=60)

    order(cast)
    assert told() == []
    order(cast)
    near = [(who, "The budget “Mina” is nearly used up") for who in ("Adam", "Anna", "Mina")]
    assert told() == near
    order(cast)
    with pytest.raises(SubmissionRefused):
        order(cast)

    used_up = [(who, "The budget “Mina” is used up") for who in ("Adam", "Anna", "Mina")]
    assert told() == sorted([*near, *used_up])
    assert text("budget.near") == (
        "16 credits of 24 credits are spent or reserved this month. What doesn't fit is not made before the next."
    )


def test_what_was_given_back_and_is_spent_again_is_no_news(cast: SimpleNamespace) -> None:
    allow(cast, 8, Subject.of(cast.member))
    order(cast)
    before = told()
    Reservation.objects.all().delete()

    order(cast)

    assert len(before) == 3
    assert told() == before


def test_one_for_each_person_is_told_by_the_persons_name(cast: SimpleNamespace) -> None:
    allow(cast, 8, Subject(Scope.EVERYONE))

    order(cast)

    assert {headline for _who, headline in told()} == {"The budget “Mina” is used up"}


def test_the_teams_is_told_to_those_who_look_after_it(cast: SimpleNamespace) -> None:
    allow(cast, 8, Subject.of(None), is_hard=False)

    order(cast)

    assert told() == [(who, "The budget “The whole team” is used up") for who in ("Adam", "Anna")]


def test_asking_and_the_answer_are_told_to_the_other_side(cast: SimpleNamespace) -> None:
    budget = allow(cast, 8, Subject.of(cast.member))

    ask_for_more(budget, 40, "The spring campaign", actor=Actor(cast.member))

    asked = "Mina asks for 40 credits more a month for “Mina”"
    assert told() == [("Adam", asked), ("Anna", asked)]
    assert text("budget.asked") == "The spring campaign"
    Notification.objects.all().delete()
    answer_request(BudgetRequest.objects.get(), granted=40, actor=Actor(cast.admin))
    assert told() == [("Mina", "The budget “Mina” was raised, as you asked")]
    assert Notification.objects.get().link == f"/t/{cast.team.slug}/"


def test_a_declined_request_is_told_and_whoever_answers_themselves_is_not(cast: SimpleNamespace) -> None:
    for person, budget in (
        (cast.member, allow(cast, 8, Subject.of(cast.member))),
        (cast.admin, allow(cast, 9, Subject.of(None))),
    ):
        ask_for_more(budget, 40, actor=Actor(person))
    Notification.objects.all().delete()

    for asked in BudgetRequest.objects.all():
        answer_request(asked, granted=None, actor=Actor(cast.admin))

    assert told() == [("Mina", "The budget “Mina” stays as it is")]
    assert text("budget.answered") == "Adam left it as it is."


# Charged more than reserved ---------------------------------------------------------------------------------------


def sent(cast: SimpleNamespace, project: Project | None = None) -> Generation:
    """An order of the member's, on its way to the hub; 8 credits are reserved."""
    waiting = submit_generation(cast.team, cast.member, BOAT, project=project).generation
    claimed = Generation.objects.claim_for_sending(waiting.pk, Key.objects.get())
    assert claimed
    return claimed


def charge(generation: Generation, credits: int) -> None:
    record = replace(accepted(credits=0, credits_requested=credits), id=generation.pk.hex)
    assert generation.record_accepted(record)


@pytest.mark.parametrize("whose", ["team", "person", "project", "key"])
@pytest.mark.parametrize(("charged", "words"), [(8, []), (16, ["nearly used up"]), (24, ["used up"])])
def test_a_charge_beyond_what_was_reserved_is_told_where_it_crosses(
    cast: SimpleNamespace, whose: str, charged: int, words: list[str]
) -> None:
    project = Project.objects.create(team=cast.team, name="Spring")
    about = {"person": cast.member, "project": project, "key": Key.objects.get()}.get(whose)
    allow(cast, 20, Subject.of(about))
    generation = sent(cast, project)
    before = told()

    charge(generation, charged)

    assert before == []
    assert sorted({said.partition("” is ")[2] for _who, said in told()}) == words


def test_it_is_told_once_whatever_is_charged_and_ordered_after_that(cast: SimpleNamespace) -> None:
    allow(cast, 20, Subject.of(cast.member), is_hard=False)
    first, second = sent(cast), sent(cast)
    near = told()

    charge(first, 16)
    charge(second, 16)
    order(cast)

    assert [said for _who, said in near] == ["The budget “Mina” is nearly used up"] * 3
    assert told() == sorted([*near, *((who, "The budget “Mina” is used up") for who in ("Adam", "Anna", "Mina"))])


def test_what_the_hub_adds_at_the_end_is_told_too(cast: SimpleNamespace) -> None:
    allow(cast, 20, Subject.of(cast.member))
    generation = sent(cast)
    charge(generation, 8)
    before = told()

    generation.record_answered(finished(usage={"credits": 20, "credits_requested": 20}))

    assert before == []
    assert {said for _who, said in told()} == {"The budget “Mina” is used up"}
    assert "20 credits of 20 credits are spent or reserved" in text("budget.reached")
