"""E-mails about keys: to whom, what they say, and once for each occasion."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string

from hubportal.hub.records import Balance
from hubportal.keys import notifications
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.keys.tasks import send_key_warnings
from hubportal.sandbox.server import RunningSandbox
from hubportal.settings import TASKS
from hubportal.teams.models import Membership, Team
from hubportal.usage.tasks import estimate_spending_rates
from tests import makers

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str]]:
    """To whom and about what, since last asked."""
    sent = sorted((letter.to[0], letter.subject) for letter in mail.outbox)
    mail.outbox.clear()
    return sent


def learn(key: Key, credits: int | None, **changes: object) -> None:
    """What the worker hears of the key, and what it then writes."""
    key = Key.objects.get(pk=key.pk)
    key.record_balance(Balance(credits, "PRO", None))
    Key.objects.filter(pk=key.pk).update(**changes)
    send_key_warnings.func()


@pytest.fixture
def key(team: Team) -> Key:
    key = makers.make_key(team, "gih_live_mainmain7f3a", credits=1000)
    key.record_credits_per_day(20)
    return key


def test_owners_and_admins_are_told_in_plain_words_with_a_link(key: Key) -> None:
    learn(key, 120)

    letter = mail.outbox[0]
    assert sorted(letter.to[0] for letter in mail.outbox) == ["adam@example.org", "anna@example.org"]
    assert letter.subject == "Main ···7f3a lasts about 6 days"
    assert "Its credits last about 6 days at the pace of the last four weeks." in letter.body
    assert "http://testserver/t/studio-north/keys/" in letter.body
    assert "switch it off" in letter.body
    assert "&" not in letter.body


def test_a_line_break_in_a_label_does_not_get_into_a_header(key: Key) -> None:
    Key.objects.update(label="Main\nBcc: stan@example.org")

    learn(key, 120)

    assert mail.outbox[0].subject == "Main Bcc: stan@example.org ···7f3a lasts about 6 days"


def test_the_clock_knows_the_tasks_of_this_room() -> None:
    recurring = TASKS["default"]["OPTIONS"]["recurring"]

    tasks = {name: import_string(entry["task_path"]) for name, entry in recurring.items()}

    assert (tasks["warn_of_keys"], tasks["estimate_spending_rates"]) == (send_key_warnings, estimate_spending_rates)


def test_an_occasion_is_told_once_until_it_got_better_and_worse_again(key: Key) -> None:
    learn(key, 120)
    first = told()
    learn(key, 100)
    learn(key, 160)
    meanwhile = told()
    learn(key, 1000)
    better = told()
    learn(key, 100)

    assert len(first) == 2
    assert (meanwhile, better) == ([], [])
    assert [subject for _to, subject in told()] == ["Main ···7f3a lasts about 5 days"] * 2


def test_what_was_told_is_not_told_again_when_something_else_begins_or_ends(key: Key) -> None:
    soon = timezone.now() + timedelta(days=3)
    learn(key, 120)
    told()

    learn(key, 120, next_expiration=soon)
    begun = [letter.body for letter in mail.outbox]
    told()
    learn(key, 120, next_expiration=None)

    assert len(begun) == 2
    assert all("expire" in body and "Its credits last" not in body for body in begun)
    assert told() == []


def test_what_gets_graver_is_another_occasion(key: Key) -> None:
    learn(key, 120)
    told()
    learn(key, 0)

    assert [subject for _to, subject in told()] == ["Main ···7f3a has no credits left"] * 2


def test_each_expiry_is_an_occasion_of_its_own(key: Key) -> None:
    soon = timezone.now() + timedelta(days=3)
    learn(key, 1000, next_expiration=soon)
    learn(key, 990, next_expiration=soon)
    first = told()
    learn(key, 990, next_expiration=soon + timedelta(days=2))

    assert [subject for _to, subject in first] == ["Credits of Main ···7f3a expire soon"] * 2
    assert len(told()) == 2


@pytest.mark.parametrize("how", ["revoke", "expire"])
def test_a_key_that_stopped_working_is_told(team: Team, sandbox: RunningSandbox, how: str) -> None:
    secret = sandbox.hub.new_key()
    key = makers.make_key(team, secret)
    getattr(sandbox.hub, how)(secret)
    check(key)

    notifications.send_key_warnings()
    notifications.send_key_warnings()

    assert [letter.subject for letter in mail.outbox] == [f"{key} stopped working"] * 2
    assert "Nothing is sent with it" in mail.outbox[0].body
    assert secret not in mail.outbox[0].body


def test_nobody_is_written_to_who_does_not_want_it_or_does_not_look_after_keys(key: Key, cast: SimpleNamespace) -> None:
    Membership.objects.filter(user=cast.owner).update(wants_key_warnings=False)

    learn(key, 120)

    assert [to for to, _subject in told()] == ["adam@example.org"]


def test_somebody_whose_account_is_closed_is_not_written_to(key: Key, cast: SimpleNamespace) -> None:
    cast.owner.is_active = False
    cast.owner.save()

    learn(key, 120)

    assert [to for to, _subject in told()] == ["adam@example.org"]


@pytest.mark.parametrize("end", ["retire", "destroy_secret"])
def test_a_key_that_serves_no_more_is_no_occasion(key: Key, end: str) -> None:
    getattr(Key.objects.get(pk=key.pk), end)()

    learn(key, 0)

    assert told() == []


def test_where_no_letter_gets_through_it_is_tried_again(key: Key, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(letter: EmailMessage) -> int:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        learn(key, 120)
    assert Key.objects.get(pk=key.pk).warnings_sent == ""

    send_key_warnings.func()

    assert len(told()) == 2


def test_one_who_can_not_be_reached_does_not_make_the_others_hear_it_twice(
    key: Key, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailMessage.send

    def refuse_anna(letter: EmailMessage) -> int:
        if letter.to == ["anna@example.org"]:
            raise ConnectionResetError
        return send(letter)

    monkeypatch.setattr(EmailMessage, "send", refuse_anna)

    learn(key, 120)
    send_key_warnings.func()

    assert [to for to, _subject in told()] == ["adam@example.org"]


def test_two_workers_at_once_write_once(key: Key) -> None:
    learn(key, 1000, balance=120, warnings_sent="")
    mail.outbox.clear()
    Key.objects.update(warnings_sent="")
    stale = Key.objects.get(pk=key.pk)
    send_key_warnings.func()

    assert stale.record_warnings_sent(["short"]) is False
    assert len(told()) == 2
