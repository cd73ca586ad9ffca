"""What is told of keys: to whom, in which words, and once for each occasion."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from hubportal.hub.records import Balance
from hubportal.keys import notifications
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.keys.notification_events import KEY_WARNING
from hubportal.keys.tasks import send_key_warnings
from hubportal.notifications.events import Channel
from hubportal.notifications.models import MailTurn, Notification, Preference
from hubportal.notifications.preferences import stop
from hubportal.notifications.tasks import deliver
from hubportal.notifications.wording import sentences_of
from hubportal.sandbox.server import RunningSandbox
from hubportal.settings import TASKS
from hubportal.teams.models import Membership, Team
from hubportal.usage.tasks import estimate_spending_rates
from tests import makers

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str]]:
    """To whom and about what, since last asked; as if nobody had been written to within the hour."""
    MailTurn.objects.all().delete()
    sent = sorted((letter.to[0], letter.subject) for letter in mail.outbox)
    mail.outbox.clear()
    return sent


def learn(key: Key, credits: int | None, **changes: object) -> None:
    """What the worker hears of the key, and what it then writes."""
    key = Key.objects.get(pk=key.pk)
    key.record_balance(Balance(credits, "PRO", None))
    Key.objects.filter(pk=key.pk).update(**changes)
    send_key_warnings.func()
    deliver.func()


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
    assert "You get this because you look after your team's keys." in letter.body
    assert Notification.objects.filter(in_bar=True).count() == 2
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

    notifications.tell_of_warnings()
    notifications.tell_of_warnings()
    deliver.func()

    assert [letter.subject for letter in mail.outbox] == [f"{key} stopped working"] * 2
    assert "Nothing is sent with it" in mail.outbox[0].body
    assert secret not in mail.outbox[0].body


def test_nobody_is_written_to_who_does_not_want_it_or_does_not_look_after_keys(key: Key, cast: SimpleNamespace) -> None:
    stop(cast.owner.pk, KEY_WARNING.code, Channel.EMAIL)

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


def test_two_workers_at_once_tell_once(key: Key) -> None:
    learn(key, 1000, balance=120, warnings_sent="")
    told()
    Key.objects.update(warnings_sent="")
    stale = Key.objects.get(pk=key.pk)
    send_key_warnings.func()
    deliver.func()

    assert stale.record_warnings_sent(["short"]) is False
    assert len(told()) == 2


def test_what_is_read_later_says_what_was_so_when_it_was_written(key: Key) -> None:
    learn(key, 120)
    Key.objects.update(balance=5000, label="Renamed")

    told_of = Notification.objects.filter(event=KEY_WARNING.code).first()

    assert sentences_of(told_of).headline == "Main ···7f3a lasts about 6 days"


def test_the_keys_page_leads_to_where_one_chooses(browser_of: Callable[[str], Client], team: Team) -> None:
    page = browser_of("admin").get("/t/studio-north/keys/").content.decode()

    assert 'href="/accounts/notifications/choices/"' in page


def test_who_wanted_no_e_mail_before_wants_none_now(cast: SimpleNamespace) -> None:
    elsewhere = makers.make_team("Pier", cast.admin)
    managing = Membership.objects.filter(user__in=[cast.owner, cast.admin])
    managing.exclude(team=elsewhere).update(wants_key_warnings=False)
    Membership.objects.filter(user=cast.member).update(wants_key_warnings=False)

    import_module("hubportal.notifications.migrations.0002_key_warnings").keep_refusals(apps, None)

    refused = Preference.objects.filter(channel=Channel.EMAIL, wanted=False).values_list("user__email", "event")
    assert set(refused) == {("anna@example.org", "key.warning"), ("anna@example.org", "credits.expire")}
