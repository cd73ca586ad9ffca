"""The table of roles, as it is shown to people and written down for operators."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from django.test import Client

from hubportal.teams.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.teams.reading import page_of, place, words_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "security.md"


def documented() -> str:
    """What stands between the two markers of the document."""
    return DOCUMENT.read_text().partition("<!-- roles -->\n")[2].partition("<!-- /roles -->")[0]


def as_markdown() -> str:
    """The table of roles.py as the document shows it."""
    head = ["| | " + " | ".join(str(role.label) for role in Role) + " |", "| --- |" + " :-: |" * len(Role)]
    rows = [
        f"| {act.label} | " + " | ".join("yes" if role in ROLE_PERMISSIONS[act] else "–" for role in Role) + " |"
        for act in Permission
    ]
    return "\n".join([*head, *rows]) + "\n"


def test_the_document_says_what_the_code_does() -> None:
    assert documented() == as_markdown(), "docs/security.md, Roles: put this between its markers:\n" + as_markdown()


def test_every_act_has_words_of_its_own_and_somebody_who_may() -> None:
    labels = [str(act.label) for act in Permission]

    assert len(set(labels)) == len(labels)
    assert all(" " in label for label in labels)
    assert all(ROLE_PERMISSIONS[act] for act in Permission)


def test_the_members_page_shows_the_same_table(browser_of: Callable[[str], Client], cast: SimpleNamespace) -> None:
    table = page_of(browser_of("admin").get(place("members", cast.team))).select_one("table.roles")

    shown = {
        words_of(row.find("th")): [words_of(cell.select_one(".unseen")) == "yes" for cell in row.find_all("td")]
        for row in table.select("tbody tr")
    }
    assert shown == {str(act.label): [role in ROLE_PERMISSIONS[act] for role in Role] for act in Permission}
