"""What the logs leave out."""

import io
import logging
import logging.config
from collections.abc import Iterator

import pytest
from django.conf import settings

from hubportal.operations.logs import logging_config

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


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_a_library_is_no_louder_than_the_site(level: str) -> None:
    loggers = logging_config(form="text", level=level)["loggers"]

    levels = {name: ORDER[its["level"]] for name, its in loggers.items() if "level" in its}
    assert {"urllib3", "django.db.backends", "dj_queue", "pyvips"} <= set(levels)
    assert all(ORDER["INFO"] <= its >= ORDER[level] for its in levels.values())
