"""The terms on PostgreSQL: a tsvector in the documents' table under a GIN index, without any language's rules.

GIN knows no order. So a function walks the newest documents first, which fills a page with what is common, and asks
GIN only for what is rare, where sorting is little. It allows one plan for each of its queries, whatever the statistics.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

# How many documents are walked before it is known how common something is, how many more where that is not clear yet,
# and how many at most: about ten milliseconds.
FIRST_WALK, SECOND_WALK, MAX_WALK = 1000, 3000, 12_000
# Of those first walked: with fewer, GIN counts all there are.
RARE_TO_COUNT = 8

CREATE = (
    'ALTER TABLE "{table}" ADD COLUMN terms tsvector NOT NULL',
    'CREATE INDEX "{table}_terms" ON "{table}" USING gin (terms) WITH (fastupdate = off)',
    'CREATE INDEX "{table}_walk" ON "{table}" (tenant, place)',
    """
CREATE FUNCTION "{table}_find"(
    asked tsquery, of_tenant bigint, low bigint, high bigint, newest boolean, wanted integer
) RETURNS TABLE (found_place bigint, found_row text) LANGUAGE plpgsql STABLE ROWS 100
SET enable_seqscan = off SET enable_sort = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    towards text := CASE WHEN newest THEN 'DESC' ELSE 'ASC' END;
    far text := CASE WHEN newest THEN 'min' ELSE 'max' END;
    -- By both columns in order: only the index of both gives that without sorting.
    walk text := 'SELECT array_agg(place) FILTER (WHERE terms @@ $1), count(*), ' || far || '(place) FROM ('
        || 'SELECT place, terms FROM "{table}" WHERE (tenant, place) >= ($2, $3) AND (tenant, place) <= ($2, $4) '
        || 'ORDER BY tenant ' || towards || ', place ' || towards || ' LIMIT $5) walked';
    found bigint[] := '{{}}';
    more bigint[];
    step integer := {first_walk};
    total integer := 0;
    walked integer;
    reached bigint;
BEGIN
    LOOP
        EXECUTE walk INTO more, walked, reached USING asked, of_tenant, low, high, step;
        found := found || more;
        total := total + walked;
        IF walked < step OR cardinality(found) >= wanted THEN
            EXIT;
        END IF;
        IF newest THEN high := reached - 1; ELSE low := reached + 1; END IF;
        -- As many again as it takes if the rest is like what was walked.
        step := (wanted - cardinality(found)) * total / greatest(cardinality(found), 1) * 1.3 + 100;
        -- A few are no measure yet: GIN would be asked for what is common.
        IF step + total > {max_walk} AND total = {first_walk} AND cardinality(found) >= 2 THEN
            step := {second_walk};
        END IF;
        CONTINUE WHEN total + step <= {max_walk};
        PERFORM set_config('enable_bitmapscan', 'on', true), set_config('enable_sort', 'on', true);
        EXECUTE 'SELECT array_agg(place) FROM (SELECT place FROM '
            || '(SELECT tenant, place FROM "{table}" WHERE terms @@ $1 OFFSET 0) having_terms '
            || 'WHERE place BETWEEN $2 AND $3 ORDER BY place ' || towards || ' LIMIT $4) rest'
            INTO more USING asked, low, high, wanted - cardinality(found);
        found := found || more;
        EXIT;
    END LOOP;
    RETURN QUERY EXECUTE 'SELECT place, row_id::text FROM "{table}" WHERE place = ANY($1) ORDER BY place ' || towards
        || ' LIMIT $2' USING found, wanted;
END $$
""",
    """
CREATE FUNCTION "{table}_count"(
    asked tsquery, of_tenant bigint, low bigint, high bigint, wanted integer
) RETURNS integer LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_sort = off SET enable_bitmapscan = off SET jit = off AS $$
DECLARE
    walk text := 'SELECT count(*) FILTER (WHERE terms @@ $1), count(*) FROM ('
        || 'SELECT terms FROM "{table}" WHERE (tenant, place) >= ($2, $3) AND (tenant, place) <= ($2, $4) '
        || 'ORDER BY tenant DESC, place DESC LIMIT $5) walked';
    found integer;
    walked integer;
    far integer;
BEGIN
    EXECUTE walk INTO found, walked USING asked, of_tenant, low, high, {first_walk};
    IF walked < {first_walk} OR found >= wanted THEN
        RETURN least(found, wanted);
    END IF;
    IF found >= {rare_to_count} THEN
        far := least({max_walk}, wanted * {first_walk} / found * 1.3 + 100);
        EXECUTE walk INTO found, walked USING asked, of_tenant, low, high, far;
        RETURN CASE WHEN found >= wanted THEN wanted WHEN walked < far THEN found ELSE -found END;
    END IF;
    PERFORM set_config('enable_bitmapscan', 'on', true);
    EXECUTE 'SELECT count(*) FROM (SELECT 1 FROM '
        || '(SELECT place FROM "{table}" WHERE terms @@ $1 OFFSET 0) having_terms '
        || 'WHERE place BETWEEN $2 AND $3 LIMIT $4) counted'
        INTO found USING asked, low, high, wanted;
    RETURN found;
END $$
""",
)
DROP = (
    'DROP FUNCTION "{table}_count"(tsquery, bigint, bigint, bigint, integer)',
    'DROP FUNCTION "{table}_find"(tsquery, bigint, bigint, bigint, boolean, integer)',
    'ALTER TABLE "{table}" DROP COLUMN terms',
    'DROP INDEX "{table}_walk"',
)


def insert(table: str, documents: Iterable[tuple[Any, ...]]) -> None:
    """Write documents: place, row, tenant, facts and terms."""
    with connection.cursor() as cursor:
        cursor.executemany(
            f'INSERT INTO "{table}" (place, row_id, tenant, facts, terms) '  # noqa: S608 - ours
            "VALUES (%s, %s, %s, %s, array_to_tsvector(%s::text[]))",
            list(documents),
        )


def delete(table: str, documents: Sequence[tuple[int, list[str]]]) -> None:
    """Delete documents by their place."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE place = ANY(%s)', ([place for place, _ in documents],))  # noqa: S608


def clear(table: str) -> None:
    """Delete every document, and its terms with it."""
    with connection.cursor() as cursor:
        cursor.execute(f'TRUNCATE "{table}"')


def find(
    table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, newest: bool, limit: int
) -> list[tuple[int, Any]]:
    """Places and rows of what has all terms of one of the clauses, between two places (included), in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT * FROM "{table}_find"(%s::tsquery, %s, %s, %s, %s, %s)',  # noqa: S608 - ours
            (_query(clauses), tenant, low, high, newest, limit),
        )
        return list(cursor.fetchall())


def count(table: str, clauses: Sequence[Sequence[str]], tenant: int, low: int, high: int, limit: int) -> int:
    """How many there are, counted up to `limit`; below zero: at least as many, where counting all costs too much."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{table}_count"(%s::tsquery, %s, %s, %s, %s)', (_query(clauses), tenant, low, high, limit)
        )
        return int(cursor.fetchone()[0])


def _query(clauses: Sequence[Sequence[str]]) -> str:
    return " | ".join("(" + " & ".join(f"'{term}'" for term in clause) + ")" for clause in clauses)
