"""E-mails: what they say, one an hour of a sort, how they are stopped, and that none is sent twice."""

import smtplib
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.notifications.delivery import anything_to_send
from hubportal.notifications.events import Channel
from hubportal.notifications.models import Delivery, DeliveryState, MailTurn
from hubportal.notifications.outbox import notify
from hubportal.notifications.preferences import stop
from hubportal.notifications.tasks import deliver
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Role
from tests.notifications.events import BUDGET_ASKED, BUDGET_NEAR

pytestmark = pytest.mark.django_db


def tell(cast: SimpleNamespace, name: str = "Spring", *, who: User | None = None, event: Any = BUDGET_NEAR) -> None:
    facts = {"name": name, "share": 80, "left": 20}
    notify(event, team=cast.team, to=[(who or cast.admin).pk], about=facts, link="/t/studio-north/usage/")


def send() -> list[tuple[str, str]]:
    """What goes out now: to whom, and the subject."""
    deliver.func()
    sent = sorted((letter.to[0], letter.subject) for letter in mail.outbox)
    mail.outbox.clear()
    return sent


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def break_mail(monkeypatch: pytest.MonkeyPatch, step: str, error: Exception) -> None:
    def fail(*_args: object) -> int:
        raise error

    monkeypatch.setattr(EmailBackend, step, fail)


def test_an_email_says_what_happened_where_why_it_came_and_how_to_stop_it(cast: SimpleNamespace) -> None:
    tell(cast)

    deliver.func()

    [letter] = mail.outbox
    assert (letter.to, letter.subject) == (["adam@example.org"], "Spring is at 80 %")
    for part in (
        "Hello Adam,",
        "Studio North: Spring is at 80 %.",
        "20 credits are left.",
        "http://testserver/t/studio-north/usage/",
        "You get this because you look after the team.",
        "http://testserver/accounts/notifications/stop/",
        "http://testserver/accounts/notifications/choices/",
    ):
        assert part in letter.body
    assert states() == [DeliveryState.SENT]


def test_a_mail_program_finds_the_link_that_stops_them_in_the_head(cast: SimpleNamespace) -> None:
    tell(cast)

    deliver.func()

    head = mail.outbox[0].message()
    link = head["List-Unsubscribe"]
    assert link.startswith("<http://testserver/accounts/notifications/stop/")
    assert link.strip("<>") in mail.outbox[0].body
    assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_comes_together_within_an_hour_is_one_email(cast: SimpleNamespace) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tell(cast, "Spring")
        first = send()
        tell(cast, "Summer")
        tell(cast, "Autumn")
        soon = send()
        clock.shift(timedelta(minutes=59))
        before = send()
        clock.shift(timedelta(minutes=2))
        deliver.func()

    assert first == [("adam@example.org", "Spring is at 80 %")]
    assert (soon, before) == ([], [])
    [digest] = mail.outbox
    assert digest.subject == "Summer is at 80 %, and 1 more"
    assert digest.body.index("Summer is at") < digest.body.index("Autumn is at")


def test_another_sort_and_another_person_have_an_hour_of_their_own(cast: SimpleNamespace) -> None:
    tell(cast)
    send()

    tell(cast, event=BUDGET_ASKED)
    tell(cast, who=cast.owner)

    assert send() == [("adam@example.org", "Spring was raised"), ("anna@example.org", "Spring is at 80 %")]


@pytest.mark.parametrize("how", ["left", "demoted", "closed", "stopped"])
def test_who_may_not_know_it_or_does_not_want_it_any_more_gets_nothing(cast: SimpleNamespace, how: str) -> None:
    tell(cast)
    place = Membership.objects.filter(user=cast.admin, team=cast.team)
    match how:
        case "left":
            place.delete()
        case "demoted":
            place.update(role=Role.MEMBER)
        case "closed":
            User.objects.filter(pk=cast.admin.pk).update(is_active=False)
        case "stopped":
            stop(cast.admin.pk, BUDGET_NEAR.code, Channel.EMAIL)

    assert send() == []
    assert states() == [DeliveryState.DROPPED]


def test_what_was_not_sent_takes_nobody_elses_hour(cast: SimpleNamespace) -> None:
    tell(cast)
    stop(cast.admin.pk, BUDGET_NEAR.code, Channel.EMAIL)
    send()

    assert MailTurn.objects.get().taken_at is None


def test_a_server_out_of_reach_is_tried_again_after_a_minute(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        tell(cast)
        with monkeypatch.context() as patch:
            break_mail(patch, "open", ConnectionRefusedError())
            send()
        at_once = send()
        clock.shift(timedelta(seconds=61))
        later = send()

    assert (at_once, later) == ([], [("adam@example.org", "Spring is at 80 %")])


def test_after_a_day_out_of_reach_it_is_given_up(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(cast)
    break_mail(monkeypatch, "open", ConnectionRefusedError())

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        send()

    assert states() == [DeliveryState.FAILED]
    assert not anything_to_send()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"adam@example.org": (550, b"no such user")}), DeliveryState.FAILED),
        (smtplib.SMTPRecipientsRefused({"adam@example.org": (450, b"busy")}), DeliveryState.WAITING),
        (smtplib.SMTPDataError(554, b"spam"), DeliveryState.FAILED),
        (smtplib.SMTPDataError(451, b"later"), DeliveryState.WAITING),
        (smtplib.SMTPServerDisconnected("gone"), DeliveryState.UNKNOWN),
        (TimeoutError(), DeliveryState.UNKNOWN),
    ],
)
def test_only_what_certainly_was_not_sent_is_sent_again(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, answer: Exception, state: str
) -> None:
    tell(cast)
    with monkeypatch.context() as patch:
        break_mail(patch, "send_messages", answer)
        send()

    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        again = send()

    assert len(again) == (state == DeliveryState.WAITING)
    assert states() == [DeliveryState.SENT if again else state]


def test_what_a_worker_was_sending_when_it_died_is_not_sent_again(cast: SimpleNamespace) -> None:
    tell(cast)
    Delivery.objects.claim_mail(cast.admin.pk, BUDGET_NEAR.code)

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        noticed = anything_to_send()
        sent = send()

    assert (noticed, sent, states()) == (True, [], [DeliveryState.UNKNOWN])


def test_of_two_workers_one_sends(cast: SimpleNamespace) -> None:
    tell(cast)

    first = Delivery.objects.claim_mail(cast.admin.pk, BUDGET_NEAR.code)
    second = Delivery.objects.claim_mail(cast.admin.pk, BUDGET_NEAR.code)

    assert (len(first), second) == (1, [])


def test_a_line_break_in_a_name_makes_no_second_header(cast: SimpleNamespace) -> None:
    tell(cast, "Spring\nBcc: stan@example.org")

    assert send() == [("adam@example.org", "Spring Bcc: stan@example.org is at 80 %")]


def test_an_idle_outbox_needs_no_worker(cast: SimpleNamespace) -> None:
    idle = anything_to_send()
    with transaction.atomic():
        tell(cast)

    assert (idle, anything_to_send()) == (False, True)
