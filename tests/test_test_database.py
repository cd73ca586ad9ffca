"""The database that tests start from: migrated once, copied for every process."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import migrated


@pytest.mark.django_db
def test_every_migration_is_applied_and_nothing_is_in_it_but_what_migrations_make() -> None:
    executor = MigrationExecutor(connection)

    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM teams_team")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize(
    "part",
    [
        "hubportal/teams/migrations/0001_initial.py",
        "hubportal/usage/migrations/0003_fill_totals.py",
        "hubportal/listing/search/schema.py",
        "hubportal/generations/models/image.py",
        "hubportal/settings.py",
        "django/contrib/contenttypes/migrations/0001_initial.py",
    ],
)
def test_it_is_made_anew_when_what_makes_it_changes(part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, before = migrated.sources(), migrated.digest()
    [source] = (path for path in sources if path.as_posix().endswith(part))
    changed = tmp_path / "changed.py"
    changed.write_bytes(source.read_bytes() + b"# changed\n")

    monkeypatch.setattr(migrated, "sources", lambda: [changed if path == source else path for path in sources])

    assert migrated.digest() != before
