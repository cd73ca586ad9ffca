"""The audit log as a page and as a file: what it shows, whom it shows it to, and what it leaves out."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.audit.actions import AuditAction
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.keys.audit_actions import KeyAction
from hubportal.lifecycle.tasks import forget_old_audit
from hubportal.teams.audit_actions import AuditLogAction, MemberAction, TeamAction
from hubportal.teams.models import Team
from tests import makers

BrowserOf = Callable[[str], Client]
Write = Callable[..., AuditEntry]


def address(team: Team, name: str = "audit", query: str = "") -> str:
    return reverse(f"teams:{name}", args=[team.slug]) + query


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(tag: Any) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def actions(page: BeautifulSoup) -> list[str]:
    return [row["data-action"] for row in page.select("tr[data-entry]")]


def file_of(response: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


@pytest.fixture
def write(team: Team) -> Write:
    """`write(KeyAction.ADDED, "Main", by=…, at=…)`"""

    def entry(
        action: AuditAction, about: str = "", *, by: User | None = None, at: datetime | None = None, **facts: Any
    ) -> Any:
        return AuditEntry.objects.create(
            team=team,
            action=action,
            about=about,
            by=by,
            by_name=str(by or ""),
            by_email=by.email if by else "",
            at=at or timezone.now(),
            address="203.0.113.9",
            detail=facts,
        )

    return entry


@pytest.mark.parametrize("name", ["audit", "audit-csv"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 403), ("reviewer", 403), ("stranger", 404), ("nobody", 302)],
)
def test_the_audit_log_is_for_owners_and_admins(
    browser_of: BrowserOf, team: Team, name: str, who: str, status: int
) -> None:
    assert browser_of(who).get(address(team, name)).status_code == status


def test_the_page_tells_who_did_what_to_which_from_where_newest_first(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write
) -> None:
    write(KeyAction.ADDED, "Main ···1234", by=cast.admin, at=timezone.now() - timedelta(hours=1))
    write(MemberAction.ROLE, "Mina", by=cast.owner, before="member", after="admin")
    write(TeamAction.TWO_FACTOR, "Studio North", required=True)

    page = page_of(browser_of("admin").get(address(cast.team)))

    rows = [text(row) for row in page.select("tr[data-entry]")]
    assert actions(page) == ["team.two-factor", "member.role", "key.added"]
    assert rows[0].startswith("The site itself changed whether two-factor is required: Studio North required: yes")
    assert rows[1].startswith("Anna changed a role: Mina Member → Admin 203.0.113.9")
    assert rows[2].startswith("Adam added a key: Main ···1234 203.0.113.9")


def test_another_teams_entries_are_nowhere(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    elsewhere = cast.stranger.memberships.get().team
    AuditEntry.objects.record(elsewhere, KeyAction.ADDED, "Elsewhere's key", actor=Actor(cast.stranger))
    browser = browser_of("owner")

    page = page_of(browser.get(address(cast.team, query=f"?person={cast.stranger.pk}")))
    rows = file_of(browser.get(address(cast.team, "audit-csv")))

    assert actions(page) == []
    assert "Stan" not in page.get_text()
    assert [row[3] for row in rows[1:]] == ["audit.exported"]


def test_the_filters_are_in_the_address(browser_of: BrowserOf, cast: SimpleNamespace, write: Write) -> None:
    noon = datetime(2026, 11, 3, 12, tzinfo=UTC)
    write(KeyAction.ADDED, "Main", by=cast.admin, at=noon)
    write(KeyAction.REMOVED, "Spare", by=cast.owner, at=noon + timedelta(days=1))
    write(KeyAction.DESTROYED, "Spare", at=noon + timedelta(days=2))
    browser = browser_of("owner")

    def found(query: str) -> list[str]:
        return actions(page_of(browser.get(address(cast.team, query=query))))

    assert found(f"?person={cast.admin.pk}") == ["key.added"]
    assert found("?person=0") == ["key.destroyed"]
    assert found("?action=key.removed") == ["key.removed"]
    assert found("?from=2026-11-04") == ["key.destroyed", "key.removed"]
    assert found("?to=2026-11-03") == ["key.added"]
    assert found("?q=spare") == ["key.destroyed", "key.removed"]
    assert found("?q=ADAM") == ["key.added"]
    assert found("?q=anna@example") == ["key.removed"]
    assert found(f"?q=spare&person={cast.owner.pk}&to=2026-11-04") == ["key.removed"]
    assert found("?q=nothing-like-it") == []


def test_the_form_shows_what_is_asked_for_and_the_file_is_of_the_same(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write
) -> None:
    write(KeyAction.ADDED, "Main", by=cast.admin)
    query = f"?q=main&person={cast.admin.pk}&action=key.added&from=2026-01-01"

    page = page_of(browser_of("owner").get(address(cast.team, query=query)))

    assert page.select_one("[name=q]")["value"] == "main"
    assert page.select_one("[name=from]")["value"] == "2026-01-01"
    chosen = [option["value"] for option in page.select(".filters option[selected]")]
    assert chosen == [str(cast.admin.pk), "key.added"]
    link = page.find("a", href=lambda href: href and "audit.csv" in href)["href"]
    assert [row[5] for row in file_of(browser_of("owner").get(link))[1:]] == ["Main"]


@pytest.mark.parametrize(
    "query",
    [
        "?person=anna",
        "?person=-1",
        f"?person={2**70}",
        "?action=made-up",
        "?from=yesterday",
        "?to=0001-01-01",
        "?q=%00",
    ],
)
def test_a_filter_that_makes_no_sense_is_said_and_left_out(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write, query: str
) -> None:
    write(KeyAction.ADDED, "Main", by=cast.admin)

    response = browser_of("owner").get(address(cast.team, query=query))

    assert response.status_code == 422
    assert "This filter is left out." in text(page_of(response).select_one(".field-error"))
    assert actions(page_of(response)) == ["key.added"]


def test_somebody_who_left_can_still_be_asked_for(browser_of: BrowserOf, cast: SimpleNamespace, write: Write) -> None:
    write(KeyAction.ADDED, "Main", by=cast.admin)
    cast.team.memberships.get(user=cast.admin).delete()

    page = page_of(browser_of("owner").get(address(cast.team, query=f"?person={cast.admin.pk}")))

    assert actions(page) == ["key.added"]
    assert text(page.select_one("[name=person] option[selected]")) == "Adam"


def test_pages_follow_one_another_without_gap_or_repeat(browser_of: BrowserOf, team: Team, write: Write) -> None:
    moment = timezone.now()
    for number in range(120):
        write(KeyAction.ADDED, f"Key {number}", at=moment - timedelta(seconds=number // 3))
    browser, link, seen = browser_of("owner"), address(team, query="?q=key"), []

    while link:
        page = page_of(browser.get(link))
        seen += [row["data-entry"] for row in page.select("tr[data-entry]")]
        older = page.select_one("a[rel=next]")
        link = older and address(team, query=older["href"])

    assert len(seen) == len(set(seen)) == 120
    assert seen == sorted(seen, key=lambda pk: (AuditEntry.objects.get(pk=pk).at, int(pk)), reverse=True)


def test_words_of_people_never_become_markup(browser_of: BrowserOf, cast: SimpleNamespace, write: Write) -> None:
    cast.admin.name = "<b>Adam</b>"
    write(KeyAction.ADDED, "<script>1</script>", by=cast.admin, before="<i>", after="</i>")

    page = page_of(browser_of("owner").get(address(cast.team)))

    row = page.select_one("tr[data-entry]")
    assert not row.select("script, i")
    assert "<b>Adam</b>" in row.get_text()
    assert "<i> → </i>" in row.get_text()


def test_a_deed_the_code_no_longer_knows_is_shown_by_its_word(browser_of: BrowserOf, team: Team) -> None:
    AuditEntry.objects.create(team=team, action="once.upon-a-time")

    page = page_of(browser_of("owner").get(address(team)))

    assert "once.upon-a-time" in text(page.select_one("tr[data-entry]"))


# The file ------------------------------------------------------------------------------------------------------


def test_the_file_holds_the_same_and_says_that_it_was_taken_out(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write
) -> None:
    at = datetime(2026, 11, 3, 12, tzinfo=UTC)
    write(MemberAction.ROLE, "Mina", by=cast.owner, at=at, before="member", after="admin", email="mina@example.org")

    response = browser_of("admin").get(address(cast.team, "audit-csv", "?action=member.role"))

    head, *rows = file_of(response)
    assert head == ["at", "person", "email", "action", "what", "about", "about_id", "facts", "address"]
    assert rows == [
        [
            *("2026-11-03T12:00:00+00:00", "Anna", "anna@example.org", "member.role", "changed a role", "Mina", ""),
            *("Member → Admin; email: mina@example.org", "203.0.113.9"),
        ]
    ]
    entry = AuditEntry.objects.get(action=AuditLogAction.EXPORTED)
    assert (entry.by, entry.detail) == (cast.admin, {"filter": "action=member.role"})
    assert response["Content-Disposition"].startswith('attachment; filename="studio-north-audit-')


@pytest.mark.parametrize("query", ["?person=987654", "?from=yesterday"])
def test_a_filter_that_makes_no_sense_gives_the_page_and_not_a_file_of_everything(
    browser_of: BrowserOf, team: Team, query: str
) -> None:
    response = browser_of("admin").get(address(team, "audit-csv", query))

    assert response.status_code == 422
    assert "This filter is left out." in text(page_of(response).select_one(".field-error"))
    assert not AuditEntry.objects.exists()


def test_asking_for_the_head_of_the_file_takes_nothing_out(browser_of: BrowserOf, team: Team) -> None:
    browser_of("admin").head(address(team, "audit-csv"))

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil","x")'])
def test_no_cell_of_the_file_becomes_a_formula(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write, name: str
) -> None:
    cast.admin.name = name
    write(KeyAction.ADDED, name, by=cast.admin, before=name, after="x")

    rows = file_of(browser_of("owner").get(address(cast.team, "audit-csv", "?action=key.added")))

    assert (rows[1][1], rows[1][5]) == (f"'{name}", f"'{name}")
    assert rows[1][7].startswith("'")


def test_a_long_file_is_sent_in_pieces_and_complete(
    browser_of: BrowserOf, team: Team, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.teams.views.audit_log.EXPORT_BATCH_SIZE", 3)
    for number in range(8):
        write(KeyAction.ADDED, f"Key {number}")

    response = browser_of("owner").get(address(team, "audit-csv", "?action=key.added"))

    assert response.streaming
    assert [row[5] for row in file_of(response)[1:]] == [f"Key {number}" for number in reversed(range(8))]


def test_taking_out_the_use_of_credits_is_written_down(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    link = reverse("usage:csv", args=[cast.team.slug])

    browser_of("reviewer").get(link, {"month": "2026-10"})
    browser_of("reviewer").head(link)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.about) == ("usage.exported", cast.reviewer, "2026-10")


# Much of it, and old -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_page_of_very_many_entries_reads_no_more_than_it_shows(browser_of: BrowserOf, team: Team) -> None:
    now = timezone.now()
    entries = (
        AuditEntry(team=team, action=KeyAction.ADDED, about=f"Key {number}", at=now - timedelta(seconds=number))
        for number in range(20_000)
    )
    AuditEntry.objects.bulk_create(entries, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_auditentry")
    browser = browser_of("owner")
    browser.get(address(team))

    with CaptureQueriesContext(connection) as queries:
        page = page_of(browser.get(address(team)))

    read = [query["sql"] for query in queries if "audit_auditentry" in query["sql"]]
    assert len(actions(page)) == 50
    assert len(read) == 1
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + read[0])
        plan = str(cursor.fetchall())
    assert "SCAN audit" not in plan
    assert "Seq Scan" not in plan


def test_the_page_takes_the_same_number_of_queries_for_many_entries(
    browser_of: BrowserOf, cast: SimpleNamespace, write: Write
) -> None:
    browser = browser_of("owner")
    write(KeyAction.ADDED, by=cast.admin)
    browser.get(address(cast.team))
    with CaptureQueriesContext(connection) as few:
        browser.get(address(cast.team))
    for number in range(30):
        write(KeyAction.ADDED, by=makers.make_user(f"p{number}@example.org"))

    with CaptureQueriesContext(connection) as many:
        browser.get(address(cast.team))

    assert len(many) == len(few)


def test_what_is_older_than_thirteen_months_goes_and_nothing_else(team: Team, write: Write) -> None:
    write(KeyAction.ADDED, "old", at=timezone.now() - timedelta(days=401))
    write(KeyAction.ADDED, "thirteen months", at=timezone.now() - timedelta(days=396))

    forget_old_audit.func()

    assert [entry.about for entry in AuditEntry.objects.all()] == ["thirteen months"]
