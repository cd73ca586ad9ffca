"""A report's lines as the page shows them: every text ready, so that the template only puts them in their places."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.keys.models import Key
from hubportal.usage.periods import By
from hubportal.usage.report import Line, Report
from hubportal.usage.wording import name_of


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
    """`by` is its name in an address; `column` heads what its rows are about. With `has_left`, rows of keys tell what
    the hub says is left on them."""

    by: str
    heading: str
    caption: str
    column: str
    rows: list[Row]
    has_left: bool = False


def tables_of(report: Report, reader: User, first: By | None) -> list[Table]:
    """By person, key and model; the one that the address asks for first."""
    tables = [
        Table(
            *(By.PERSON.value, _("By person"), _("Credits by person"), _("Person")),
            [_row(line, _("You") if line.subject == reader else "") for line in report.by_person],
        ),
        Table(
            *(By.KEY.value, _("By key"), _("Credits by key, and what the hub says is left on it"), _("Key")),
            [_row_of_key(line) for line in report.by_key],
            has_left=True,
        ),
        Table(
            *(By.MODEL.value, _("By model"), _("Credits by model"), _("Model")),
            rows_of(report.by_model),
        ),
    ]
    return sorted(tables, key=lambda table: table.by != first)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    return [_row(line) for line in lines]


def total_of(report: Report) -> Row:
    return _row(report.total, _("Total"))


def _row(line: Line, name: str = "") -> Row:
    pictures, credits = intcomma(line.sums.pictures), intcomma(line.sums.credits)
    return Row(name or name_of(line.subject), line.link, pictures, credits)


def _row_of_key(line: Line) -> Row:
    key: Key | None = line.subject
    is_removed = bool(key and key.removed_at)
    left = "–" if key is None or is_removed or key.balance is None else intcomma(key.balance)
    plain = _row(line)
    return Row(plain.name, plain.link, plain.pictures, plain.credits, left, is_removed)
