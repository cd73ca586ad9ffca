"""Looking into the index, and asking it."""

from typing import Any

from django.db import connection

from hubportal.listing.search.index import SearchIndex
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import FoundRows
from hubportal.teams.models import Team


def contents(index: SearchIndex[Any]) -> dict[int, set[str]]:
    """Every term that the index has, by place; with documents that have none left, and terms without a document."""
    found: dict[int, set[str]] = {place: set() for place in index.documents.objects.values_list("pk", flat=True)}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                f"CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, '{index.table}_terms', 'instance')"
            )
            cursor.execute("SELECT doc, term FROM temp.vocabulary")
            terms = cursor.fetchall()
            cursor.execute("DROP TABLE temp.vocabulary")
        else:
            cursor.execute(f'SELECT place, unnest(tsvector_to_array(terms)) FROM "{index.table}"')
            terms = cursor.fetchall()
    for place, term in terms:
        found.setdefault(place, set()).add(term)
    return found


def found_by(
    index: SearchIndex[Any], team: Team, reader: int, words: str = "", *facts: str | Fact, own: bool = False
) -> list[Any]:
    """The rows that somebody finds, newest first."""
    groups = [[fact if isinstance(fact, Fact) else Fact(fact)] for fact in facts]
    search = Search(index, team.pk, reader, words, groups, own=own)
    return FoundRows(index.rows(), search).older(None, 100)
