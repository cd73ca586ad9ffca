"""What is written down when something is to be told: to whom, by which ways, once, and with the act or not at all."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.notifications.events import Channel
from hubportal.notifications.models import Delivery, Notification, Preference
from hubportal.notifications.outbox import notify
from hubportal.notifications.preferences import stop
from hubportal.notifications.tasks import forget_old
from hubportal.teams.permissions import Permission
from tests.notifications.events import BUDGET_ASKED, BUDGET_NEAR

pytestmark = pytest.mark.django_db
FACTS = {"name": "Spring", "share": 80, "left": 20}


def tell(cast: SimpleNamespace, to: Any = Permission.MANAGE_TEAM, **more: Any) -> None:
    notify(BUDGET_NEAR, team=cast.team, to=to, about=FACTS, link="/t/studio-north/", **more)


def told() -> set[str]:
    return set(Notification.objects.values_list("user__email", flat=True))


def test_those_whose_role_has_the_permission_are_told_each_by_the_ways_of_the_event(cast: SimpleNamespace) -> None:
    tell(cast)

    assert told() == {cast.owner.email, cast.admin.email}
    assert list(Delivery.objects.values_list("channel", flat=True)) == [Channel.EMAIL] * 2
    assert Notification.objects.filter(in_bar=True, facts=FACTS).count() == 2


def test_nobody_is_told_of_what_they_did_themselves(cast: SimpleNamespace) -> None:
    tell(cast, actor=Actor(cast.owner))

    assert told() == {cast.admin.email}


def test_an_account_that_is_closed_is_told_nothing(cast: SimpleNamespace) -> None:
    User.objects.filter(pk=cast.admin.pk).update(is_active=False)

    tell(cast)

    assert told() == {cast.owner.email}


def test_an_occasion_is_told_once_to_each(cast: SimpleNamespace) -> None:
    tell(cast, [cast.owner.pk], once="2026-11:80")
    tell(cast, once="2026-11:80")
    tell(cast, once="2026-11:100")

    told_of = Notification.objects.order_by("user__email", "once").values_list("user__email", "once")
    assert list(told_of) == [
        (who.email, occasion) for who in (cast.admin, cast.owner) for occasion in ("2026-11:100", "2026-11:80")
    ]
    assert Delivery.objects.count() == 4


def test_what_nobody_wants_to_be_told_costs_one_query_and_writes_nothing(
    cast: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    stop(cast.owner.pk, BUDGET_NEAR.code, Channel.EMAIL)
    stop(cast.owner.pk, BUDGET_NEAR.code, Channel.BAR)

    with django_assert_num_queries(1):
        tell(cast, [cast.owner.pk])

    assert not Notification.objects.exists()


def test_many_people_are_told_in_as_many_statements_as_one(
    cast: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    everybody = [cast.owner.pk, cast.admin.pk, cast.member.pk, cast.reviewer.pk]

    with django_assert_num_queries(3):  # the wishes, the people, their e-mails
        tell(cast, everybody)

    assert Notification.objects.count() == 4


def test_what_somebody_chose_goes_before_what_the_event_says(cast: SimpleNamespace) -> None:
    stop(cast.owner.pk, BUDGET_NEAR.code, Channel.EMAIL)
    Preference.objects.create(user=cast.member, event=BUDGET_ASKED.code, channel=Channel.BAR, wanted=True)

    tell(cast, [cast.owner.pk])
    notify(BUDGET_ASKED, team=cast.team, to=[cast.member.pk], about=FACTS, link="/")

    assert Delivery.objects.get().notification.user == cast.member
    assert Notification.objects.filter(in_bar=True).count() == 2


def test_what_is_told_goes_with_the_act_that_is_taken_back(cast: SimpleNamespace) -> None:
    @transaction.atomic
    def act() -> None:
        tell(cast)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        act()

    assert not Notification.objects.exists()


def test_what_is_ninety_days_old_is_forgotten(cast: SimpleNamespace) -> None:
    tell(cast)
    tell(cast)
    old = timezone.now() - timedelta(days=91)
    Notification.objects.filter(user=cast.owner).update(created_at=old)

    forget_old.func()

    assert told() == {cast.admin.email}
