"""What the database holds to be true of keys, and what their verbs do."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hubportal.audit.actor import SITE
from hubportal.encryption import DecryptionError
from hubportal.hub.records import Balance
from hubportal.keys.clients import client_for
from hubportal.keys.key_changes import destroy_key, make_default
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db


def test_the_first_key_of_a_team_is_its_default_and_the_second_is_not(team: Team) -> None:
    first, second = makers.make_key(team), makers.make_key(team, label="Spare")

    assert (first.is_default, second.is_default) == (True, False)


def test_a_team_cannot_have_two_defaults_but_two_teams_may(team: Team) -> None:
    makers.make_key(team)
    spare = makers.make_key(team, label="Spare")
    makers.make_key(makers.make_team("Other", makers.make_user("otto@example.org")))

    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.filter(pk=spare.pk).update(is_default=True)


def test_a_team_cannot_have_the_same_secret_twice_but_may_have_it_again_after_removal(team: Team) -> None:
    first = makers.make_key(team, "gih_live_abcdefgh")

    with pytest.raises(IntegrityError), transaction.atomic():
        makers.make_key(team, "gih_live_abcdefgh")
    first.destroy_secret()

    assert makers.make_key(team, "gih_live_abcdefgh").is_default


def test_two_teams_may_share_a_secret_and_nobody_can_tell_from_the_rows(team: Team) -> None:
    here = makers.make_key(team, "gih_live_abcdefgh")
    there = makers.make_key(makers.make_team("Other", makers.make_user("otto@example.org")), "gih_live_abcdefgh")

    assert here.fingerprint != there.fingerprint


def test_a_removed_key_keeps_no_secret(team: Team) -> None:
    key = makers.make_key(team)
    encrypted = key.encrypted_secret

    key.destroy_secret()
    key.refresh_from_db()

    assert (key.encrypted_secret, key.is_default) == ("", False)
    with pytest.raises(DecryptionError):
        client_for(key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Key.objects.filter(pk=key.pk).update(encrypted_secret=encrypted)


def test_a_key_that_works_succeeds_before_one_that_does_not(team: Team) -> None:
    default = makers.make_key(team)
    makers.make_key(team, label="Dead").record_problem("invalidApiKey")
    works = makers.make_key(team, label="Works")

    destroy_key(default, SITE)

    assert Key.objects.get(team=team, is_default=True) == works


def test_make_default_moves_the_mark(team: Team) -> None:
    makers.make_key(team)
    spare = makers.make_key(team, label="Spare")

    make_default(spare, SITE)

    assert list(Key.objects.filter(team=team, is_default=True)) == [spare]


@pytest.mark.parametrize("code", ["invalidApiKey", "expiredApiKey", "missingApiKey", "decryptionFailed"])
def test_a_refused_key_is_not_used_until_the_hub_takes_it_again(team: Team, code: str) -> None:
    key = makers.make_key(team)

    key.record_problem(code)
    key.record_problem("unreachable")
    assert (key.problem, key.is_usable) == (code, False)
    assert not Key.objects.usable().filter(pk=key.pk).exists()

    key.record_balance(Balance(5, "PRO", None))
    assert (key.problem, key.is_usable) == ("", True)
    assert Key.objects.usable().filter(pk=key.pk).exists()


def test_a_hub_that_is_silent_leaves_the_balance_and_when_it_was_heard(team: Team) -> None:
    key = makers.make_key(team, credits=112)
    heard = key.balance_at

    key.record_problem("timeout")
    key.refresh_from_db()

    assert heard
    assert (key.balance, key.balance_at, key.is_usable) == (112, heard, True)
    assert key.checked_at != heard


def test_a_secret_moved_to_another_row_does_not_open(team: Team) -> None:
    mine, other = makers.make_key(team), makers.make_key(team, label="Spare")
    Key.objects.filter(pk=other.pk).update(encrypted_secret=mine.encrypted_secret)
    other.refresh_from_db()

    with pytest.raises(DecryptionError):
        client_for(other)


def test_a_key_moved_to_another_team_does_not_open(team: Team) -> None:
    key = makers.make_key(team)
    elsewhere = makers.make_team("Other", makers.make_user("otto@example.org"))
    Key.objects.filter(pk=key.pk).update(team=elsewhere)
    key.refresh_from_db()

    with pytest.raises(DecryptionError):
        client_for(key)


def test_a_key_says_its_label_and_last_four_and_no_more(team: Team) -> None:
    key = makers.make_key(team, "gih_live_secretsecret7f3a")

    said: Any = f"{key} {key!r} {vars(key)}"

    assert str(key) == "Main ···7f3a"
    assert "secretsecret" not in said
