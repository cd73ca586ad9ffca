"""The terms on SQLite: an FTS5 table beside the documents, whose row number is a document's place.

It keeps no text and no positions, so what a document had must be told when it goes. It walks by row number, so newest
first costs no sorting and ends with the page.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

# No term has a space, a quote or an upper-case letter; whatever isn't ASCII is part of a word to this tokenizer.
CREATE = """
CREATE VIRTUAL TABLE "{table}_terms" USING fts5(
    terms, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '._'"
)
"""
DROP = 'DROP TABLE "{table}_terms"'


def insert(table: str, documents: Iterable[tuple[Any, ...]]) -> None:
    """Write documents: place, row, tenant, facts and terms."""
    # FTS5 writes to its table each time that a row number is lower than the one before.
    documents = sorted(documents, key=lambda document: document[0])
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" (place, row_id, tenant, facts) VALUES (%s, %s, %s, %s)',  # noqa: S608 - ours
            [document[:4] for document in documents],
        )
        cursor.executemany(
            f'INSERT INTO "{table}_terms" (rowid, terms) VALUES (%s, %s)',  # noqa: S608 - ours
            [(document[0], " ".join(document[4])) for document in documents],
        )


def delete(table: str, documents: Sequence[tuple[int, list[str]]]) -> None:
    """Delete documents, told by place and the terms they have."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}_terms" ("{table}_terms", rowid, terms) VALUES (\'delete\', %s, %s)',  # noqa: S608
            [(place, " ".join(terms)) for place, terms in documents],
        )
        cursor.executemany(f'DELETE FROM "{table}" WHERE place = %s', [(place,) for place, _ in documents])  # noqa: S608


def clear(table: str) -> None:
    """Delete every document and all terms, whatever they are."""
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}_terms" ("{table}_terms") VALUES (\'delete-all\')')  # noqa: S608 - ours
        cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608 - ours


def find(
    table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, newest: bool, limit: int
) -> list[tuple[int, Any]]:
    """Places and rows of what has all terms of one of the clauses, between two places (included), in order."""
    order = "DESC" if newest else "ASC"
    # CROSS: in this order, whatever statistics say.
    sql = f"""
        SELECT found.rowid, documents.row_id FROM "{table}_terms" found
        CROSS JOIN "{table}" documents ON documents.place = found.rowid
        WHERE found."{table}_terms" MATCH %s AND found.rowid >= %s AND found.rowid <= %s
        ORDER BY found.rowid {order} LIMIT %s
    """  # noqa: S608 - ours
    with connection.cursor() as cursor:
        cursor.execute(sql, (_match(clauses), low, high, limit))
        return list(cursor.fetchall())


def count(table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, limit: int) -> int:
    """How many there are, counted up to `limit`."""
    sql = f"""
        SELECT count(*) FROM (
            SELECT rowid FROM "{table}_terms" WHERE "{table}_terms" MATCH %s AND rowid >= %s AND rowid <= %s LIMIT %s
        )
    """  # noqa: S608 - ours
    with connection.cursor() as cursor:
        cursor.execute(sql, (_match(clauses), low, high, limit))
        return int(cursor.fetchone()[0])


def _match(clauses: Sequence[Sequence[str]]) -> str:
    return " OR ".join("(" + " AND ".join(f'"{term}"' for term in clause) + ")" for clause in clauses)
