"""A report's lines as the page shows them: every text ready, so that the template only puts them in their places."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.accounts.models import User
from hubportal.keys.models import Key
from hubportal.usage.periods import By
from hubportal.usage.report import Line, Report, sum_of
from hubportal.usage.wording import name_of

# Rows of a table on paper, so that a month fits on one sheet.
PRINTED = 6


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    link: str
    pictures: str
    credits: str
    left: str = ""
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """`by` is its name in an address; `column` heads what its rows are about.

    has_left   rows of keys tell what the hub says is left on them
    has_total  whether the whole team's total stands below: not where it is the only row's
    rest       on paper in place of the rows after the first PRINTED ones
    """

    by: str
    heading: str
    caption: str
    column: str
    rows: list[Row]
    has_left: bool = False
    has_total: bool = True
    rest: Row | None = None

    @property
    def printed(self) -> int:
        """How many of its rows are on paper."""
        return PRINTED if self.rest else len(self.rows)


def tables_of(
    report: Report, reader: User, first: By | None, *, with_projects: bool, with_people: bool = True
) -> list[Table]:
    """By person, project, key and model; the one that the address asks for first."""
    people = report.by_person
    tables = [
        Table(
            *(By.PERSON.value, _("By person"), _("Credits by person"), _("Person")),
            [_row(line, _("You") if line.subject == reader else "") for line in people],
            # Others' numbers are missing where the reader may not see them: the total says what they come to.
            has_total=len(people) > 1 or report.total.sums != sum_of(line.sums for line in people),
            rest=_rest(people),
        ),
        Table(
            *(By.KEY.value, _("By key"), _("Credits by key, and what the hub says is left on it"), _("Key")),
            [_row_of_key(line) for line in report.by_key],
            has_left=True,
            has_total=len(report.by_key) > 1,
            rest=_rest(report.by_key),
        ),
        _table(By.MODEL, (_("By model"), _("Credits by model"), _("Model")), report.by_model),
    ]
    if with_projects:
        words = (_("By project"), _("Credits by project"), _("Project"))
        tables.insert(1, _table(By.PROJECT, words, report.by_project))
    if not with_people:
        tables = tables[1:]
    return sorted(tables, key=lambda table: table.by != first)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    return [_row(line, _("No project") if line.subject is None else "") for line in lines]


def total_of(report: Report) -> Row:
    return _row(report.total, _("Total"))


def _table(by: By, words: tuple[str, str, str], lines: list[Line]) -> Table:
    return Table(by.value, *words, rows_of(lines), has_total=len(lines) > 1, rest=_rest(lines))


def _rest(lines: Sequence[Line]) -> Row | None:
    others = lines[PRINTED:]
    if not others:
        return None
    name = ngettext("%(number)d more", "%(number)d more", len(others)) % {"number": len(others)}
    return _row(Line(None, sum_of(line.sums for line in others), ""), name)


def _row(line: Line, name: str = "") -> Row:
    pictures, credits = intcomma(line.sums.pictures), intcomma(line.sums.credits)
    return Row(name or name_of(line.subject), line.link, pictures, credits)


def _row_of_key(line: Line) -> Row:
    key: Key | None = line.subject
    is_removed = bool(key and key.removed_at)
    left = "–" if key is None or is_removed or key.balance is None else intcomma(key.balance)
    plain = _row(line)
    return Row(plain.name, plain.link, plain.pictures, plain.credits, left, is_removed)
