"""What the logs say, and what they leave out."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from hubportal.operations.logs import logging_config
from hubportal.teams.models import Team

ORDER = logging.getLevelNamesMapping()
TOKEN = "WyJhYmMiLG51bGxd.x9-k_Q"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What goes to the log, written as the site writes it."""
    out = io.StringIO()
    logging.config.dictConfig(logging_config(form="json", level="DEBUG"))
    monkeypatch.setattr(logging.getLogger().handlers[0], "stream", out)
    yield out
    logging.config.dictConfig(settings.LOGGING)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/invitations/{TOKEN}/", "/invitations/…/"),
        (f"/accounts/notifications/stop/{TOKEN}/", "/accounts/notifications/stop/…/"),
        (f"/accounts/confirm-email/{TOKEN}/nowhere", "/accounts/confirm-email/…/nowhere"),
        (f"/accounts/password/reset/key/1-{TOKEN}/", "/accounts/password/reset/key/…/"),
        (f"/s/{TOKEN}/", "/s/…/"),
    ],
)
def test_an_address_that_is_a_secret_is_not_written_down(said: io.StringIO, path: str, shown: str) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", path)

    assert shown.replace("…", "\\u2026") in said.getvalue()
    assert TOKEN not in said.getvalue()


def test_other_addresses_are_written_as_they_are(said: io.StringIO) -> None:
    logging.getLogger("django.request").warning("Not Found: %s", "/t/studio/generations/")

    assert "/t/studio/generations/" in said.getvalue()


@pytest.mark.django_db
def test_a_refused_role_is_one_line_without_a_traceback(said: io.StringIO, browser_of: Any, team: Team) -> None:
    place = reverse("keys:index", args=[team.slug])

    answer = browser_of("reviewer").get(place)

    lines = [json.loads(line) for line in said.getvalue().splitlines() if place in line]
    assert answer.status_code == 403
    assert [(line["level"], "exception" in line) for line in lines] == [("warning", False)]


def test_an_error_of_ours_keeps_its_traceback(said: io.StringIO) -> None:
    record = {"status_code": 500, "request": None}
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/", extra=record)

    [line] = map(json.loads, said.getvalue().splitlines())
    assert "ZeroDivisionError" in line["exception"]


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_a_library_is_no_louder_than_the_site(level: str) -> None:
    loggers = logging_config(form="text", level=level)["loggers"]

    levels = {name: ORDER[its["level"]] for name, its in loggers.items() if "level" in its}
    assert {"urllib3", "django.db.backends", "dj_queue", "pyvips"} <= set(levels)
    assert all(ORDER["INFO"] <= its >= ORDER[level] for its in levels.values())
