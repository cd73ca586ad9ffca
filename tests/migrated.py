"""The tests' database, migrated once: every process of a run starts from a copy.

Migrations take seconds of CPU, copies milliseconds. On SQLite the migrated file outlives the run, in pytest's cache,
until what makes it changes; a PostgreSQL of the tests' own keeps it as a template database, as long as it lives.
"""

import fcntl
import hashlib
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.creation import TEST_DATABASE_PREFIX

TEMPLATE = "migrated"  # the name of PostgreSQL's template database
ROOT = Path(__file__).parent.parent
KEPT = ROOT / ".pytest_cache" / "d" / "migrated"  # what pytest's cache gives for "migrated"
IMPORTED = re.compile(r"^(?:from|import) (hubportal[\w.]*)", re.MULTILINE)


@contextmanager
def migrated_database(folder: Path) -> Iterator[None]:
    """Point Django at a database of this process, with every migration applied; `folder` is shared by all of a run."""
    name = connection.settings_dict["NAME"]
    make = _make_file if connection.vendor == "sqlite" else _make_database
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make(folder)
    connection.ensure_connection()
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def kept_file(folder: Path) -> Path:
    """Where the migrated file is; there is none before the first test that asks the database."""
    return folder / f"{digest()}.sqlite3"


def start_migrated(data: Path) -> None:
    """Give a site that has nothing in its data folder yet this run's migrated tables, if a test has made them already.

    For tests that aren't about a first start: the site's own migration then finds nothing to do.
    """
    if connection.vendor == "sqlite" and (kept := kept_file(KEPT)).exists():
        shutil.copyfile(kept, data / "db.sqlite3")


def _make_file(folder: Path) -> None:
    kept = kept_file(folder)
    if not kept.exists():
        for old in folder.glob("*.sqlite3*"):
            old.unlink()
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        _copy(Path(connection.settings_dict["NAME"]), kept)
        return
    _use(connection.settings_dict["TEST"]["NAME"])
    shutil.copyfile(kept, connection.settings_dict["NAME"])


def _copy(source: Path, target: Path) -> None:
    """With what is still in the log beside it; complete, or not there at all."""
    unfinished = target.with_suffix(".sqlite3-unfinished")
    with sqlite3.connect(source) as migrated, sqlite3.connect(unfinished) as copy:
        migrated.backup(copy)
    migrated.close()
    copy.close()
    unfinished.rename(target)


def _make_database(_folder: Path) -> None:
    test_name = connection.settings_dict["TEST"]["NAME"] or TEST_DATABASE_PREFIX + connection.settings_dict["NAME"]
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        exists = cursor.fetchone()
    if not exists:
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
    # Nobody may be connected to what is copied.
    connection.close()
    connection.close_pool()
    source, target = (TEMPLATE, test_name) if exists else (test_name, TEMPLATE)
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    _use(test_name)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = str(name)


def digest() -> str:
    """Of everything that makes the tables: migrations, what they call, settings, and the versions of what runs them."""
    parts = [f"{django.__version__} {sqlite3.sqlite_version}".encode()]
    parts += [path.read_bytes() for path in sources()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def sources() -> list[Path]:
    folders = (Path(config.path) / "migrations" for config in apps.get_app_configs())
    migrations = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    called = set().union(*(IMPORTED.findall(path.read_text()) for path in migrations))
    origins = (Path(str(find_spec(name).origin)) for name in called)  # type: ignore[union-attr]
    beside = {path for origin in origins for path in origin.parent.glob("*.py")}
    own = [ROOT / "hubportal" / "settings.py", ROOT / "tests" / "settings.py", Path(__file__)]
    return [*migrations, *sorted(beside), *own]
