"""Rows by the hundred thousand: tuples straight into the database, its indexes made anew afterwards."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

type Row = Sequence[Any]


class Table:
    """A table whose rows are like a prototype but for some columns."""

    def __init__(self, prototype: Model, *changing: str) -> None:
        made_by_database = ("AutoField", "BigAutoField")
        fields = [
            field for field in prototype._meta.concrete_fields if field.get_internal_type() not in made_by_database
        ]
        constant = [field for field in fields if field.column not in changing]
        self.name = prototype._meta.db_table
        self.columns = [*changing, *(str(field.column) for field in constant)]
        self._rest = tuple(field.get_db_prep_save(getattr(prototype, field.attname), connection) for field in constant)

    def insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Write rows, of which the values of the changing columns are given."""
        insert(self.name, self.columns, ((*row, *self._rest) for row in rows))


def insert(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write all rows: by COPY where there is one."""
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join("?" * len(columns))
            statement = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608 - ours
            cursor.connection.executemany(statement, ([_as_sqlite(value) for value in row] for row in rows))
            return
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def _as_sqlite(value: Any) -> Any:
    """A value as Django stores it in SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL AND tbl_name = %s",
    "postgresql": """
        SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s
        AND indexname NOT IN (SELECT conname FROM pg_constraint)
    """,
}


@contextmanager
def without_indexes(*tables: str) -> Iterator[None]:
    """Drop these tables' indexes, but for those of constraints, and make them again after the block."""
    made = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(_INDEXES[connection.vendor], [table])
            made += cursor.fetchall()
        for name, _ in made:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '512MB'")
        for _, sql in made:
            cursor.execute(sql)
