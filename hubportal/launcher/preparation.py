"""Whether this very code has prepared this very database before, so that a second start need not wait for that.

The preparation runs all the same, beside the web server. Only what can be seen without Django and at once is looked at;
where anything differs, the web server waits for the preparation.
"""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hubportal.launcher.site_defaults import ROOT, SiteConfig

# What a preparation depends on: migrations and static files, ours and the packages'.
SOURCES = ("hubportal", "static", "requirements.txt")


def is_prepared(config: SiteConfig) -> bool:
    """Whether the preparation has nothing to do, as far as can be seen from here: never on PostgreSQL."""
    try:
        noted = _stamp_path(config).read_text()
    except OSError:
        return False
    return noted == _stamp(config) != ""


def record_prepared(config: SiteConfig) -> None:
    """Note that the preparation succeeded with the code and the database as they are now."""
    _stamp_path(config).write_text(_stamp(config))


def _stamp_path(config: SiteConfig) -> Path:
    return config.data / "prepared"


def _stamp(config: SiteConfig) -> str:
    """A hash that changes with every file of the sources and with the database's migrations; "" where it can't tell."""
    migrations, collected = _applied_migrations(config), os.environ.get("STATIC_ROOT", "")
    if not migrations or (collected and not Path(collected).is_dir()):
        return ""
    parts = [migrations, collected, *_source_files()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _source_files() -> Iterator[str]:
    for name in SOURCES:
        paths = [ROOT / name] if (ROOT / name).is_file() else _files_below(ROOT / name)
        for path in paths:
            found = path.stat()
            yield f"{path} {found.st_size} {found.st_mtime_ns}"


def _files_below(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        # Compiled modules come and go.
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        yield from (Path(place, name) for name in sorted(names))


def _applied_migrations(config: SiteConfig) -> str:
    """Which migrations the SQLite database has; "" where there is none, or where the database is another."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{config.data / 'db.sqlite3'}"
    if "DATABASE_URL_FILE" in os.environ or not url.startswith("sqlite:///"):
        return ""
    try:
        path = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    except sqlite3.Error:
        return ""
    return f"{path} {rows}"
