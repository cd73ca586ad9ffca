"""When the hub is asked."""

import itertools
from datetime import timedelta

import pytest

from hubportal.generations.timing import FIRST_POLL_INTERVAL, MIN_POLL_INTERVAL, poll_interval


def looks(until: float) -> list[float]:
    """The ages, in seconds, at which a generation is asked about that is still running at each."""
    ages = [timedelta()]
    while ages[-1].total_seconds() < until:
        ages.append(ages[-1] + poll_interval(ages[-1]))
    return [age.total_seconds() for age in ages[1:]]


def test_the_first_look_comes_a_second_after_acceptance() -> None:
    assert looks(1) == [FIRST_POLL_INTERVAL.total_seconds()]


def test_nobody_waits_longer_than_a_fifth_of_what_it_took() -> None:
    ages = looks(20)

    assert all(later - age <= age / 5 + 1e-6 for age, later in itertools.pairwise(ages))
    assert len([age for age in ages if age <= 10]) <= 14


@pytest.mark.parametrize(("age", "interval"), [(15, 1.5), (40, 4.0), (300, 5.0), (3600, 120.0), (-5, 1.05)])
def test_later_looks_become_rare(age: float, interval: float) -> None:
    assert poll_interval(timedelta(seconds=age)).total_seconds() == interval


def test_the_schedule_never_jumps_back() -> None:
    intervals = [poll_interval(timedelta(seconds=age / 10)) for age in range(20, 1200)]

    assert intervals == sorted(intervals)
    assert MIN_POLL_INTERVAL in intervals
