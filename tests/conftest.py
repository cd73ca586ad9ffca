"""Fixtures that every room's tests use: the cast, their browsers, and a sandbox hub; and which tests run when."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management.commands import flush
from django.db.backends.sqlite3.base import DatabaseOperations
from django.test import Client
from pytest_django import DjangoDbBlocker

from hubportal.accounts.models import User
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from hubportal.teams.permissions import Role
from tests import makers
from tests.migrated import migrated_database

# Playwright keeps a loop running in the thread of the tests, from its first use to the end of the run; Django would
# refuse to touch the database there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

ROOT = Path(__file__).parent
# Where all tests have a mark in common: they start the commands, a browser or a site; or they are the thorough ones of
# their room, more than `bin/test --quick` has time for. What a form, a card, a key and a team must do stays in.
MARKS = {
    "canary": "process",
    "commands": "process",
    "crash": "process",
    "journeys": "process",
    "accounts": "slow",
    "imaging": "slow",
    "lifecycle": "slow",
    "operations": "slow",
    "reliability": "slow",
    "sandbox": "slow",
    "security": "slow",
    **dict.fromkeys(
        (
            "gallery/test_bin.py",
            "gallery/test_filters.py",
            "gallery/test_media.py",
            "gallery/test_paging.py",
            "generations/test_decisions.py",
            "generations/test_forms.py",
            "generations/test_history.py",
            "generations/test_model_choices.py",
            "generations/test_reconciliation.py",
            "generations/test_views.py",
            "generations/test_wording.py",
            "generations/test_worker.py",
            "hub/test_image_models.py",
            "hub/test_outcome_unknown.py",
            "keys/test_key_changes.py",
            "keys/test_keyring.py",
            "keys/test_views.py",
            "teams/test_accept_invitation.py",
            "teams/test_at_once.py",
            "teams/test_audit_log.py",
            "teams/test_deletion_email.py",
            "teams/test_invitations.py",
            "teams/test_members.py",
            "teams/test_oidc_sync.py",
            "teams/test_second_step.py",
            "test_every_address.py",
            "test_frame.py",
            "test_query_plans.py",
            "usage/test_views.py",
        ),
        "slow",
    ),
}
# What pages say and look like, which no database changes.
ABOUT_TEXTS_ALONE = {
    "accounts/test_typed_codes.py",
    "generations/test_wording.py",
    "keys/test_forecast.py",
    "test_frame.py",
    "test_html_time.py",
    "test_translatable.py",
}
MAY_START_PROCESSES = ("process", "browser", "postgres")
DATABASE_FIXTURES = {"db", "transactional_db"}

_running: list[pytest.Item] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out what is slow, and what starts programs")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is marked as a whole isn't even imported: that takes seconds, in each process."""
    if not config.option.quick or not collection_path.is_relative_to(ROOT):
        return None
    return collection_path.relative_to(ROOT).as_posix() in MARKS or None


def pytest_configure(config: pytest.Config) -> None:
    """SIGTERM ends a run as Ctrl-C does: what tests have started is stopped, and no folder of theirs stays."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    if config.option.quick:
        config.option.markexpr = "not (browser or postgres or process or slow)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        path = item.path.relative_to(ROOT)
        for name in (path.parts[0], path.as_posix()):
            if name in MARKS:
                item.add_marker(MARKS[name])
    if "HUBPORTAL_TEST_DATABASE_URL" in os.environ:
        # The second run, on PostgreSQL: what never asks the database, or only to have somebody signed in and let in,
        # has been answered by the first.
        without = [item for item in items if not _depends_on_database(item)]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if _depends_on_database(item)]


def _depends_on_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("one_database") or item.path.relative_to(ROOT).as_posix() in ABOUT_TEXTS_ALONE:
        return False
    return _uses_database(item)


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _running[:] = [item]
    try:
        return (yield)
    finally:
        _running.clear()


def _refuse_unmarked_processes(event: str, _arguments: object) -> None:
    """`bin/test --quick` starts no program: it leaves out what is marked, and here is what makes the marks true."""
    if event == "subprocess.Popen" and _running:
        [test] = _running
        if not any(test.get_closest_marker(name) for name in MAY_START_PROCESSES):
            raise RuntimeError(f"{test.nodeid} starts a program: mark it with pytest.mark.process.")


sys.addaudithook(_refuse_unmarked_processes)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
    pytestconfig: pytest.Config,
) -> Iterator[None]:
    """In place of pytest-django's, which migrates in every process."""
    with ExitStack() as database:
        with django_db_blocker.unblock():
            database.enter_context(migrated_database(pytestconfig.cache.mkdir("migrated")))
        yield
        with django_db_blocker.unblock():
            database.close()


@pytest.fixture
def cast(db: None) -> SimpleNamespace:
    """A team and its cast: `team`, `owner`, `admin`, `member`, `reviewer`, `stranger` (who has a team of his own)."""
    team = makers.make_team()
    return SimpleNamespace(
        team=team,
        owner=User.objects.get(email="anna@example.org"),
        admin=makers.join(team, "adam@example.org", Role.ADMIN, name="Adam"),
        member=makers.join(team, "mina@example.org", Role.MEMBER, name="Mina"),
        reviewer=makers.join(team, "rob@example.org", Role.REVIEWER, name="Rob"),
        stranger=makers.make_team("Elsewhere", makers.make_user("stan@example.org", name="Stan"))
        .memberships.get()
        .user,
    )


@pytest.fixture
def browser_of(cast: SimpleNamespace) -> Callable[[str], Client]:
    """`browser_of("member")`: a test client signed in as one of the cast; `browser_of("nobody")` is not."""

    def signed_in(who: str) -> Client:
        client = Client()
        if who != "nobody":
            client.force_login(getattr(cast, who), backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture
def team(cast: SimpleNamespace) -> Team:
    return cast.team


@pytest.fixture(scope="session")
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSandbox]:
    running = RunningSandbox.start(tmp_path_factory.mktemp("sandbox"), pace=0.05)
    yield running
    running.stop()


@pytest.fixture
def sandbox(_sandbox: RunningSandbox, settings: object) -> RunningSandbox:
    """A sandbox hub of this test process, with the site pointed at it."""
    settings.HUB_BASE_URL = _sandbox.url  # type: ignore[attr-defined]
    return _sandbox


@pytest.fixture(scope="session", autouse=True)
def _a_flush_is_quick() -> Iterator[None]:
    """Django makes every permission and content type anew after a flush: most of what a test that commits takes.

    Nobody here asks for permissions of Django's; a content type is made when it is asked for.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args: ContentType.objects.clear_cache())
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_flush_may_empty_the_audit_log() -> Iterator[None]:
    """SQLite empties its tables after a test with DELETE, which the audit log refuses: its triggers step aside then."""
    with pytest.MonkeyPatch.context() as patch:
        flush_all = DatabaseOperations.execute_sql_flush

        def flush_without_triggers(operations: DatabaseOperations, statements: list[str]) -> None:
            with operations.connection.cursor() as cursor:
                cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
                triggers = cursor.fetchall()
                for name, _sql in triggers:
                    cursor.execute(f"DROP TRIGGER {name}")
                flush_all(operations, statements)
                # Rows of the search index go with documents that are deleted one by one, of which this knows nothing.
                cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
                for (name,) in cursor.fetchall():
                    cursor.execute(f"INSERT INTO {name} ({name}) VALUES ('delete-all')")
                for _name, sql in triggers:
                    cursor.execute(sql)

        patch.setattr(DatabaseOperations, "execute_sql_flush", flush_without_triggers)
        yield


@pytest.fixture(autouse=True)
def _nothing_rendered_before() -> None:
    """What one test's pages kept (listing/fragments.py) is not the next one's."""
    caches["template_fragments"].clear()


@pytest.fixture(autouse=True)
def _media_apart(settings: object, tmp_path: Path) -> Iterator[None]:
    """Each test keeps its files in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    yield
    shutil.rmtree(tmp_path / "media", ignore_errors=True)
