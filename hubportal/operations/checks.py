"""What is checked with the database itself: `migrate` runs it before anything starts, and so does the doctor."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def check_connection_limit(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Warn where PostgreSQL lets in fewer connections than the site's threads may ask for at once."""
    shortage = describe_connection_shortage() if databases else ""
    return [Warning(f"The database {shortage}", id="operations.W001")] if shortage else []


def describe_connection_shortage() -> str:
    """What follows "The database …" where it has too few connections; "" where it has enough, or isn't PostgreSQL."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting::int FROM pg_settings WHERE name ~ '^(max|(superuser_)?reserved)_connections$'"
        )
        limits = dict(cursor.fetchall())
    available = limits.pop("max_connections") - sum(limits.values())
    if available >= settings.MAX_DATABASE_CONNECTIONS:
        return ""
    return (
        f"lets in {available} connections, and web and worker may ask for {settings.MAX_DATABASE_CONNECTIONS} at once: "
        "raise PostgreSQL's max_connections, or lower GRANIAN_BLOCKING_THREADS or GRANIAN_WORKERS."
    )


def count_missing_migrations() -> int:
    """How many migrations the database still lacks. Raises DatabaseError where it can't be asked."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
