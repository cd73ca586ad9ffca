"""Two of the worker's threads do something for one generation at the same moment."""

import threading

import pytest
from django.db import connection, transaction

from hubportal.generations.models import Image
from tests import makers
from tests.reliability.case import Case

pytestmark = pytest.mark.django_db(transaction=True)


def write_down_slowly(image: Image, written: threading.Event, other: threading.Event) -> None:
    """As slowly as it takes the other thread to wait for us, or to be through."""
    try:
        with transaction.atomic():
            makers.leased(image).record_not_downloaded("gone")
            written.set()
            other.wait(1)
    finally:
        connection.close()


def test_two_pictures_are_written_down_at_the_same_moment(case: Case) -> None:
    first, second = case.pictures_to_keep(n=2)
    written, through = threading.Event(), threading.Event()
    slow = threading.Thread(target=write_down_slowly, args=(first, written, through))

    slow.start()
    assert written.wait(60)
    makers.leased(second).record_not_downloaded("gone")
    through.set()
    slow.join()

    case.told(second.generation)
