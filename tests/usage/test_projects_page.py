"""The Projects page: what each project cost, and for admins what can be done with it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry, Project
from tests.generations.pages import read, words

Browsers = Callable[[str], Any]
Entry = Callable[..., LedgerEntry]


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=UTC), tick=False):
        yield


def place(team: Team, name: str = "projects", *about: Project) -> str:
    return reverse(f"usage:{name}", args=[team.slug, *(project.pk for project in about)])


def rows(response: Any) -> dict[str, list[str]]:
    found = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in read(response).select("tr")]
    return {name: numbers for name, *numbers, _acts in found[1:]}


def test_it_says_what_each_project_cost_this_month_and_in_all(
    cast: SimpleNamespace, browser_of: Browsers, entry: Entry
) -> None:
    spring, summer = (Project.objects.create(team=cast.team, name=name) for name in ("Spring", "Summer"))
    Project.objects.create(team=cast.stranger.memberships.get().team, name="Elsewhere")
    entry(date(2026, 10, 3), 1000, project=spring)
    entry(date(2026, 11, 3), 24, project=spring)
    entry(date(2026, 11, 3), 7)

    page = browser_of("reviewer").get(place(cast.team))

    assert rows(page) == {"Spring": ["24", "1,024"], "Summer": ["0", "0"]}
    links = [link["href"] for link in read(page).select("td.number a")]
    history = reverse("generations:list", args=[cast.team.slug])
    assert links[:2] == [
        f"{history}?project={spring.pk}&from=2026-11-01&to=2026-11-30",
        f"{history}?project={spring.pk}",
    ]
    for link in read(page).select("table.projects a"):
        assert browser_of("reviewer").get(link["href"]).status_code == 200
    assert summer.name in words(page, "table.projects")


def test_without_any_it_says_what_projects_are_for(cast: SimpleNamespace, browser_of: Browsers) -> None:
    assert "a client, a campaign" in words(browser_of("member").get(place(cast.team)), ".empty")


def test_an_admin_adds_renames_archives_and_reopens_one(cast: SimpleNamespace, browser_of: Browsers) -> None:
    admin = browser_of("admin")
    admin.post(place(cast.team), {"name": " Spring "})
    project = Project.objects.get(team=cast.team, name="Spring")

    admin.post(place(cast.team, "project-name", project), {"name": "Summer"})
    archived = admin.post(place(cast.team, "project-archiving", project), follow=True)
    assert Project.objects.get().is_archived
    assert list(rows(archived)) == ["Summer archived"]
    reopened = admin.post(place(cast.team, "project-reopening", project), follow=True)

    assert list(rows(reopened)) == ["Summer"]
    assert not Project.objects.get().is_archived


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "Give the project a name"), ("x" * 81, "at most 80"), ("SPRING", "already"), ("a\0b", "ull")],
)
def test_a_name_that_is_none_comes_back_with_what_is_wrong(
    cast: SimpleNamespace, browser_of: Browsers, name: str, said: str
) -> None:
    Project.objects.create(team=cast.team, name="Spring")
    other = Project.objects.create(team=cast.team, name="Other")

    added = browser_of("owner").post(place(cast.team), {"name": name})
    renamed = browser_of("owner").post(place(cast.team, "project-name", other), {"name": name})

    for answer in (added, renamed):
        assert answer.status_code == 422
        assert said in words(answer, ".field-error")
    assert set(Project.objects.values_list("name", flat=True)) == {"Spring", "Other"}


def test_a_project_of_another_team_is_not_found(cast: SimpleNamespace, browser_of: Browsers) -> None:
    theirs = Project.objects.create(team=cast.stranger.memberships.get().team, name="Theirs")

    for name in ("project-name", "project-archiving", "project-reopening"):
        assert browser_of("owner").post(place(cast.team, name, theirs), {"name": "Mine"}).status_code == 404
    assert Project.objects.get().name == "Theirs"


def test_an_admin_says_whether_each_order_needs_a_project(cast: SimpleNamespace, browser_of: Browsers) -> None:
    admin, project = browser_of("admin"), Project.objects.create(team=cast.team, name="Spring")

    admin.post(place(cast.team, "project-requirement"), {"required": "yes"})
    assert Team.objects.get(pk=cast.team.pk).requires_project
    none_open = admin.post(place(cast.team, "project-archiving", project), follow=True)
    assert "nobody can make anything" in words(none_open, ".banner[data-tone=warn] p")
    admin.post(place(cast.team, "project-requirement"), {"required": "no"})

    assert not Team.objects.get(pk=cast.team.pk).requires_project


def test_a_member_sees_the_list_and_no_buttons(cast: SimpleNamespace, browser_of: Browsers) -> None:
    Project.objects.create(team=cast.team, name="Spring")

    page = read(browser_of("member").get(place(cast.team)))

    assert page.select("main form") == []
    assert "Owners and admins" in page.get_text()


def test_the_page_takes_the_same_number_of_queries_for_many_projects(
    cast: SimpleNamespace, browser_of: Browsers, entry: Entry
) -> None:
    owner = browser_of("owner")
    Project.objects.create(team=cast.team, name="First")
    owner.get(place(cast.team))
    with CaptureQueriesContext(connection) as few:
        owner.get(place(cast.team))
    for number in range(20):
        entry(date(2026, 11, 3), 8, project=Project.objects.create(team=cast.team, name=f"Project {number}"))

    with CaptureQueriesContext(connection) as many:
        owner.get(place(cast.team))

    assert len(many) == len(few) <= 12
