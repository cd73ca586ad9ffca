"""The key is gone while the hub is at work: looking costs nothing, so the team's other keys are tried."""

import pytest
from django.utils import timezone

from hubportal.generations.models import Generation, State
from hubportal.keys.models import Key
from tests import makers, worker
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db


def add_key(case: Case, *, same_account: bool) -> Key:
    """Another key of the team, of the same hub account or of another one."""
    if same_account:
        secret = case.hub.new_key(owner=case.hub.ledger(case.secret)[0].owner)
    else:
        secret = case.hub.new_key(credits=50)
    return makers.make_key(case.team, secret, label="Second")


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_the_key_is_refused_midway(case: Case, how: str) -> None:
    generation = case.send("[forever]")
    getattr(case.hub, how)(case.secret)

    generation = case.look(generation)

    case.key.refresh_from_db()
    assert not case.key.is_usable
    case.told(generation)


def test_the_key_is_removed_midway(case: Case) -> None:
    generation = case.send("[forever]")
    Key.objects.get(pk=case.key.pk).remove()

    generation = case.look(generation)

    case.told(generation)


def test_the_key_can_not_be_opened_midway(case: Case) -> None:
    generation = case.send("[forever]")
    Key.objects.update(sealed="v1.t1.bm90IHNlYWxlZCBoZXJl")

    generation = case.look(generation)

    case.told(generation)


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_the_key_is_refused_and_another_of_the_same_account_sees_it(case: Case, how: str) -> None:
    add_key(case, same_account=False)
    generation = case.send("A boat")
    second = add_key(case, same_account=True)
    getattr(case.hub, how)(case.secret)

    generation = case.work(generation)

    case.key.refresh_from_db()
    second.refresh_from_db()
    assert (generation.key, case.key.is_usable, second.is_usable) == (case.key, False, True)
    case.told(generation)


def test_the_key_is_removed_and_one_of_the_same_account_is_added(case: Case) -> None:
    generation = case.send("A boat")
    Key.objects.get(pk=case.key.pk).remove()
    in_between = case.look(generation)
    add_key(case, same_account=True)

    generation = case.work(generation)

    assert (in_between.state, in_between.error_code, generation.error_code) == (State.RUNNING, "noKey", "")
    case.told(generation)


def test_a_key_of_another_account_proves_nothing(case: Case) -> None:
    generation = case.send("[forever]")
    add_key(case, same_account=False)
    Key.objects.get(pk=case.key.pk).remove()
    case.pass_time(hours=20)

    generation = case.look(generation)

    case.told(generation)


def test_another_teams_key_is_not_used(case: Case) -> None:
    generation = case.send("A boat")
    fay = makers.make_user("fay@example.org")
    elsewhere = makers.make_team("Far off", fay)
    theirs = makers.make_key(elsewhere, case.hub.new_key())
    worker.send(makers.make_generation(elsewhere, fay, "[lost 600]", size="64x64").pk)
    secret = case.hub.new_key(owner=case.hub.ledger(case.secret)[0].owner)
    makers.make_key(elsewhere, secret, label="Second")
    for key in (case.key, theirs):
        Key.objects.get(pk=key.pk).remove()

    Generation.objects.update(due_at=timezone.now())
    generation = case.look(generation)

    # Theirs was looked for with it, ours was not.
    assert case.hub.requests(secret)["looks"] == 1
    case.told(generation)


def test_a_paused_key_goes_on_looking(case: Case) -> None:
    generation = case.send("A boat")
    Key.objects.update(paused_at=generation.created_at)

    generation = case.work(generation)

    case.told(generation)


@pytest.mark.parametrize("how", ["removed", "revoked"])
def test_no_key_sees_it_for_a_day(case: Case, how: str) -> None:
    generation = case.send("[forever]")
    if how == "removed":
        Key.objects.get(pk=case.key.pk).remove()
    else:
        case.hub.revoke(case.secret)
    case.pass_time(hours=24)

    generation = case.look(generation)

    case.told(generation)
