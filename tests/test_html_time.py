"""Every moment on every page is one that HTML knows (HTML, 2.3.5 and 4.5.14)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

from django.test import Client
from django.utils.timezone import override as override_timezone

from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation, State
from hubportal.html_time import ago, html_datetime, local_day, local_time
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.models import Key
from tests.generations.pages import put
from tests.makers import make_generation
from tests.test_every_address import TABLE, addresses, one_of_everything, place_of

ROOT = Path(__file__).resolve().parent.parent
MOMENT = datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=9)))
A_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)"
A_DURATION = r"PT(\d+H)?(\d+M)?(\d+(\.\d{1,3})?S)?"


def test_a_moment_has_milliseconds_at_most() -> None:
    assert html_datetime(MOMENT) == "2026-11-21T03:30:15.123Z"
    assert html_datetime(None) == ""


def test_without_scripts_a_time_names_its_zone_unless_the_reader_chose_it() -> None:
    named = str(local_time(MOMENT))
    with override_timezone("Asia/Tokyo"):
        chosen = str(local_time(MOMENT))

    assert named.endswith('data-local="time">Nov. 21, 2026, 3:30 a.m. (UTC)</time>')
    assert chosen.endswith('data-local="time">Nov. 21, 2026, 12:30 p.m.</time>')
    assert str(local_day(MOMENT)).endswith('data-local="day">Nov. 21, 2026</time>')
    assert 'title="Nov. 21, 2026, 3:30 a.m. (UTC)" data-ago' in str(ago(MOMENT))
    assert [str(written(None)) for written in (local_time, local_day, ago)] == ["–"] * 3


def test_every_time_on_every_page_is_one_that_html_knows(
    cast: SimpleNamespace, browser_of: Callable[[str], Client]
) -> None:
    world = one_of_everything(cast.team, cast.owner, cast.member)
    for state in (State.RUNNING, State.SUCCEEDED, State.FAILED):
        put(make_generation(cast.team, cast.member), state)
    put(world.generation, State.UNKNOWN, sent_at=MOMENT, doubted_at=MOMENT)
    Generation.objects.update(created_at=MOMENT)
    Key.objects.update(checked_at=MOMENT, last_used_at=MOMENT)
    AuditEntry.objects.record(cast.team, KeyAction.ADDED, world.key)
    owner = browser_of("owner")

    told: dict[str, list[str]] = {}
    for address in addresses():
        if TABLE[address.name]["GET"].get("owner") == 200:
            page = owner.get(place_of(address, world)).getvalue().decode(errors="replace")
            told[address.name] = re.findall(r'<time\b[^>]*\bdatetime="([^"]*)"', page)

    wrong = {name: time for name, times in told.items() for time in times if not is_html(time)}
    assert wrong == {}
    assert {name for name, times in told.items() if times} >= {
        *("generations:create", "generations:list", "generations:detail", "generations:card"),
        *("gallery:index", "teams:audit", "keys:index"),
    }


def is_html(time: str) -> bool:
    return re.fullmatch(f"{A_MOMENT}|{A_DURATION}", time, re.ASCII) is not None


def test_every_template_writes_moments_by_the_one_filter() -> None:
    written = [
        (template.name, value)
        for template in (ROOT / "templates").rglob("*.html")
        for value in re.findall(r'\bdatetime="([^"]*)"', template.read_text())
    ]

    assert [one for one in written if "|html_datetime" not in one[1] and not one[1].startswith("PT{{")] == []
