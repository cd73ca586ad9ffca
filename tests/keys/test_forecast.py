"""How long credits last, in days and in words, and what there is to warn of."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from hubportal.keys.health import Forecast, current_warnings, forecast_for
from hubportal.keys.models import Key
from hubportal.keys.wording.health import health_of, lasts, warning_text
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def key_with(team: Team, balance: int | None, pace: float | None, expires_in: float | None = None) -> Key:
    key = makers.make_key(team, credits=balance)
    key.credits_per_day = pace
    key.next_expiration = NOW + timedelta(days=expires_in) if expires_in is not None else None
    key.save()
    return key


@pytest.mark.parametrize(
    ("balance", "pace", "expires_in", "days_left", "left_over"),
    [
        (120, 20.0, None, 6, None),
        (120, 10.0, 4, 12, 80),
        (120, 0.0, 4, None, 120),
        (120, 40.0, 4, 3, 0),
        (120, 0.001, None, None, None),
        (120, None, 4, None, None),
        (0, 10.0, 4, None, None),
        (None, 10.0, None, None, None),
        (120, 10.0, -1, 12, 120),
    ],
)
def test_the_forecast_in_days_and_credits(
    team: Team,
    balance: int | None,
    pace: float | None,
    expires_in: float | None,
    days_left: int | None,
    left_over: int | None,
) -> None:
    key = key_with(team, balance, pace, expires_in)

    assert forecast_for(key) == Forecast(days_left, left_over)


@pytest.mark.parametrize(("balance", "words"), [(120, "about 6 days"), (30, "about 1 day"), (8, "less than a day")])
def test_how_long_it_lasts_is_said_in_words(team: Team, balance: int, words: str) -> None:
    key = key_with(team, balance, 20.0)

    assert lasts(key) == words
    assert warning_text(key, "short") == f"Its credits last {words} at the pace of the last four weeks."
    assert health_of(key).tone == "warn"


def test_credits_that_expire_are_told_with_what_would_be_left(team: Team) -> None:
    key = key_with(team, 120, 10.0, 4)

    assert health_of(key).text == (
        "Some or all of its 120 credits expire on Dec. 3, 2026. "
        "At the pace of the last four weeks, about 80 would be left then."
    )


@pytest.mark.parametrize(
    ("balance", "pace", "expires_in", "expected"),
    [
        (1000, 1.0, None, []),
        (139, 20.0, None, ["short"]),
        (140, 20.0, None, []),
        (0, 20.0, None, ["empty"]),
        (-3, None, None, ["empty"]),
        (None, 20.0, 3, []),
        (1000, 1.0, 6.9, ["expires 2026-12-06"]),
        (1000, 1.0, 7.1, []),
        (1000, None, 3, ["expires 2026-12-02"]),
        (60, 20.0, 3, ["short"]),
        (80, 20.0, 3, ["short", "expires 2026-12-02"]),
        (1000, 1.0, -1, []),
    ],
)
def test_what_there_is_to_warn_of(
    team: Team, balance: int | None, pace: float | None, expires_in: float | None, expected: list[str]
) -> None:
    assert current_warnings(key_with(team, balance, pace, expires_in)) == expected


def test_a_dead_key_is_all_there_is_to_say(team: Team) -> None:
    key = key_with(team, 5, 20.0, 3)
    key.record_problem("expiredApiKey")

    assert current_warnings(key) == ["dead"]


def test_a_paused_key_does_not_run_short_but_its_credits_expire(team: Team) -> None:
    key = key_with(team, 80, 20.0, 3)
    key.paused_at = NOW

    assert current_warnings(key) == ["expires 2026-12-02"]


def test_what_was_told_is_over_only_well_above_the_limit(team: Team) -> None:
    key = key_with(team, 190, 20.0)
    assert current_warnings(key) == []

    key.warnings_sent = "short"
    assert current_warnings(key) == ["short"]

    key.balance = 200
    assert current_warnings(key) == []
