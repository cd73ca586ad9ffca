"""Which tests run when: what `pytest --quick` leaves out or does not even import, and what runs on PostgreSQL too."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import conftest

ROOT = Path(__file__).parent


def config(quick: bool) -> Any:
    return SimpleNamespace(option=SimpleNamespace(quick=quick, markexpr=""))


@pytest.mark.parametrize("name", conftest.MARKS)
def test_what_is_marked_as_a_whole_is_there_and_is_not_imported_by_a_quick_run(name: str) -> None:
    assert (ROOT / name).exists()
    assert conftest.pytest_ignore_collect(ROOT / name, config(quick=True)) is True
    assert conftest.pytest_ignore_collect(ROOT / name, config(quick=False)) is None


@pytest.mark.parametrize("path", [ROOT, ROOT / "keys", ROOT / "gallery" / "test_page.py", Path("/elsewhere")])
def test_everything_else_is_imported(path: Path) -> None:
    assert conftest.pytest_ignore_collect(path, config(quick=True)) is None


def test_a_quick_run_leaves_out_every_marker(pytestconfig: pytest.Config) -> None:
    quick = config(quick=True)
    conftest.pytest_configure(quick)

    markers = [line.partition(":")[0] for line in pytestconfig.getini("markers")]
    ours = [name for name in markers if name in {"browser", "postgres", "process", "slow"}]
    assert len(ours) == 4
    assert [name for name in ours if name not in quick.option.markexpr] == []


@pytest.mark.parametrize(
    ("path", "markers", "fixtures", "again"),
    [
        ("keys/test_views.py", {"django_db"}, set(), True),
        ("keys/test_views.py", set(), {"db"}, True),
        ("keys/test_views.py", set(), {"settings"}, False),
        ("keys/test_views.py", {"django_db", "one_database"}, {"db"}, False),
        ("test_frame.py", {"django_db"}, {"db"}, False),
    ],
)
def test_on_postgresql_runs_once_more_what_a_database_may_change(
    monkeypatch: pytest.MonkeyPatch, path: str, markers: set[str], fixtures: set[str], again: bool
) -> None:
    item: Any = SimpleNamespace(
        path=ROOT / path,
        fixturenames=fixtures,
        add_marker=markers.add,
        get_closest_marker=lambda name: name in markers or None,
    )
    monkeypatch.setenv("HUBPORTAL_TEST_DATABASE_URL", "postgresql://")
    items, left_out = [item], []
    run: Any = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: left_out.extend(items)))

    conftest.pytest_collection_modifyitems(run, items)

    assert (items, left_out) == (([item], []) if again else ([], [item]))
