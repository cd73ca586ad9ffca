"""Putting a key out of use in stages: what passes on, what the database holds, and the end."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hubportal.audit.actor import SITE
from hubportal.audit.models import AuditEntry
from hubportal.encryption import DecryptionError
from hubportal.hub.records import Balance
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.clients import client_for
from hubportal.keys.key_changes import finish_retirement, move_key, remove_key
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db

BALANCE = Balance(500, "PRO", None)


def replace(old: Key, secret: str = "gih_live_newnew9d0e") -> Key:
    return Key.objects.replace_checked(old, secret=secret, added_by=None, balance=BALANCE)


def test_a_replaced_key_passes_on_its_name_its_place_and_the_default(team: Team) -> None:
    old = makers.make_key(team, label="Main")
    makers.make_key(team, label="Spare")

    new = replace(old)

    old.refresh_from_db()
    assert (new.label, new.position, new.is_default, new.balance) == ("Main", old.position, True, 500)
    assert (old.is_default, old.removed_at, bool(old.retiring_since), bool(old.encrypted_secret)) == (
        False,
        None,
        True,
        True,
    )
    assert Key.objects.serving()[0].last_four == "9d0e"


def test_a_key_is_replaced_in_its_place(team: Team) -> None:
    keys = [makers.make_key(team, label=label) for label in ("A", "B", "C")]

    replace(keys[2])

    assert [key.label for key in Key.objects.serving()] == ["A", "B", "C"]
    assert Key.objects.get(is_default=True) == keys[0]


def test_a_retiring_key_takes_no_new_work_but_still_speaks_for_what_is_in_flight(team: Team) -> None:
    old = makers.make_key(team)
    replace(old)
    old.refresh_from_db()

    assert not old.is_usable
    assert old not in Key.objects.candidates(team.pk, 8)
    assert old not in Key.objects.serving()
    assert old in Key.objects.present()
    assert list(Key.objects.retiring()) == [old]
    assert client_for(old)


def test_a_key_that_does_not_serve_any_more_is_not_replaced(team: Team) -> None:
    old = makers.make_key(team)
    Key.objects.get(pk=old.pk).retire()

    with pytest.raises(Key.DoesNotExist):
        replace(old)

    assert Key.objects.count() == 1


def test_a_secret_the_team_has_replaces_nothing(team: Team) -> None:
    old = makers.make_key(team)
    makers.make_key(team, "gih_live_newnew9d0e", label="Spare")

    with pytest.raises(IntegrityError), transaction.atomic():
        replace(old)

    old.refresh_from_db()
    assert (old.is_default, old.retiring_since) == (True, None)


def test_the_successor_of_a_retired_default_serves_and_works(team: Team) -> None:
    default, dead, works = (makers.make_key(team, label=label) for label in ("Default", "Dead", "Works"))
    dead.record_problem("invalidApiKey")

    remove_key(default, SITE)

    assert Key.objects.get(is_default=True) == works


def test_a_key_that_retires_leaves_the_default_where_it_is_even_if_it_does_not_work(team: Team) -> None:
    default, spare, _works = (makers.make_key(team, label=label) for label in ("Default", "Spare", "Works"))
    default.record_problem("invalidApiKey")

    remove_key(spare, SITE)

    assert Key.objects.get(is_default=True) == default


def test_the_last_key_retires_without_a_successor_and_the_next_one_added_is_the_default(team: Team) -> None:
    remove_key(makers.make_key(team), SITE)

    assert not Key.objects.filter(is_default=True).exists()
    assert makers.make_key(team, label="Next").is_default


def test_the_database_lets_no_retiring_key_be_the_default(team: Team) -> None:
    key = makers.make_key(team)

    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.filter(pk=key.pk).update(retiring_since=timezone.now())
    Key.objects.filter(pk=key.pk).update(retiring_since=timezone.now(), is_default=False)


def test_the_database_lets_no_present_key_be_without_its_secret(team: Team) -> None:
    key = makers.make_key(team)

    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.filter(pk=key.pk).update(encrypted_secret="")
    Key.objects.filter(pk=key.pk).update(encrypted_secret="", is_default=False, removed_at=timezone.now())


def test_the_end_of_a_retirement_destroys_the_secret_once_and_says_so_in_the_audit_log(team: Team) -> None:
    key = makers.make_key(team)
    key.retire()

    assert (finish_retirement(key), finish_retirement(key)) == (True, False)

    key.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert (key.encrypted_secret, bool(key.removed_at)) == ("", True)
    assert (entry.action, entry.by, entry.about_id) == (KeyAction.DESTROYED, None, str(key.pk))
    with pytest.raises(DecryptionError):
        client_for(key)


def test_the_retirement_of_a_key_that_serves_does_not_end(team: Team) -> None:
    key = makers.make_key(team)

    assert finish_retirement(key) is False

    key.refresh_from_db()
    assert key.encrypted_secret
    assert not AuditEntry.objects.exists()


def test_keys_change_places_and_nothing_passes_the_default(team: Team) -> None:
    default, second, third = (makers.make_key(team, label=label) for label in "ABC")
    makers.make_key(makers.make_team("Other", makers.make_user("otto@example.org")), label="Theirs")

    assert [move_key(third, "up", SITE), move_key(second, "down", SITE), move_key(second, "up", SITE)] == [
        True,
        False,
        True,
    ]
    assert [move_key(second, "up", SITE), move_key(default, "down", SITE), move_key(third, "down", SITE)] == [False] * 3
    assert move_key(third, "up", SITE)

    assert [key.label for key in Key.objects.serving().filter(team=team)] == ["A", "C", "B"]
