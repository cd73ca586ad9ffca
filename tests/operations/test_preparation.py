"""When a second start may serve before it has prepared the database once more."""

import sqlite3
from pathlib import Path

import pytest

from hubportal.launcher import preparation
from hubportal.launcher.preparation import is_prepared, record_prepared
from hubportal.launcher.site_defaults import SiteConfig


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SiteConfig:
    """A site of a small checkout, prepared once."""
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "STATIC_ROOT"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "checkout"
    (root / "hubportal").mkdir(parents=True)
    (root / "hubportal/models.py").write_text("one = 1")
    (root / "requirements.txt").write_text("django")
    monkeypatch.setattr(preparation, "ROOT", root)
    config = SiteConfig(tmp_path, "127.0.0.1", 8000, sandboxed=False)
    migrate(config, "0001_initial")
    record_prepared(config)
    return config


def migrate(config: SiteConfig, name: str) -> None:
    with sqlite3.connect(config.data / "db.sqlite3") as database:
        database.execute("CREATE TABLE IF NOT EXISTS django_migrations (app, name)")
        database.execute("INSERT INTO django_migrations VALUES ('keys', ?)", [name])
    database.close()


def test_the_same_code_on_the_same_database_is_prepared(config: SiteConfig) -> None:
    (preparation.ROOT / "hubportal/__pycache__").mkdir()
    (preparation.ROOT / "hubportal/__pycache__/models.pyc").write_text("compiled")

    assert is_prepared(config)


def test_a_changed_file_is_not(config: SiteConfig) -> None:
    (preparation.ROOT / "hubportal/models.py").write_text("one, two = 1, 2")

    assert not is_prepared(config)


def test_a_new_file_is_not(config: SiteConfig) -> None:
    (preparation.ROOT / "hubportal/0002_two.py").write_text("")

    assert not is_prepared(config)


def test_a_database_of_other_migrations_is_not(config: SiteConfig) -> None:
    migrate(config, "0002_two")

    assert not is_prepared(config)


def test_a_database_that_is_gone_is_not(config: SiteConfig) -> None:
    (config.data / "db.sqlite3").unlink()

    assert not is_prepared(config)
    assert not (config.data / "db.sqlite3").exists()


def test_collected_files_that_are_gone_are_not(config: SiteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = config.data / "static"
    monkeypatch.setenv("STATIC_ROOT", str(folder))
    folder.mkdir()
    record_prepared(config)
    assert is_prepared(config)

    folder.rmdir()

    assert not is_prepared(config)


def test_on_postgresql_the_preparation_comes_first(config: SiteConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://hubportal@/postgres")
    record_prepared(config)

    assert not is_prepared(config)
