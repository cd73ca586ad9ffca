"""What migrations call to make the terms of a documents' table, each database's way."""

from typing import Any

from hubportal.listing.search import postgresql, sqlite


def create_terms(schema_editor: Any, table: str) -> None:
    """Make what holds the terms beside this table of documents, which is empty."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(sqlite.CREATE.format(table=table))
        return
    sizes = {
        "first_walk": postgresql.FIRST_WALK,
        "second_walk": postgresql.SECOND_WALK,
        "max_walk": postgresql.MAX_WALK,
        "rare_to_count": postgresql.RARE_TO_COUNT,
    }
    for statement in postgresql.CREATE:
        schema_editor.execute(statement.format(table=table, **sizes))


def drop_terms(schema_editor: Any, table: str) -> None:
    """Undo `create_terms`."""
    statements = (sqlite.DROP,) if schema_editor.connection.vendor == "sqlite" else postgresql.DROP
    for statement in statements:
        schema_editor.execute(statement.format(table=table))
