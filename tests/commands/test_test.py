"""bin/test and .ci/run: what fails ends the run, whatever ends the run leaves nothing, and packages come one by one."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote

import pytest

from tests.commands.launched import clone, dying_with_us, environment, processes, wait_for

# What bin/test calls before its first check, without those whose packages it looks for.
TOOLS = "sh cat cksum date dirname find grep kill ls mkdir mktemp readlink rm chmod setpriv setsid sleep tail env"


@pytest.fixture
def untidy(tmp_path: Path) -> Path:
    """A checkout whose first check fails."""
    copy = clone(tmp_path / "a clone")
    (copy / "hubportal" / "untidy.py").write_text("import os\n")
    return copy


@pytest.mark.parametrize("script", ["bin/test", "bin/test --quick", ".ci/run"])
def test_the_first_check_that_fails_ends_the_run(untidy: Path, script: str) -> None:
    done = subprocess.run(
        f"{quote(str(untidy))}/{script}", shell=True, cwd="/", env=environment(CI="true"), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    headings = [line for line in done.stdout.splitlines() if line.startswith("== ")]
    assert done.returncode == 1
    assert headings[-1] == "== Style"
    assert "untidy.py" in done.stdout
    assert done.stderr.splitlines()[-1] == "-- Style: failed"


def script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@contextmanager
def endless_run(tmp_path: Path) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """bin/test in a check that never ends, and the process id of that check."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "temporary").mkdir()
    begun = tmp_path / "begun"
    script(
        tmp_path / "venv" / "bin" / "python",
        f'case "$*" in *ruff*) echo $$ >{quote(str(begun))}; exec sleep 600 ;; esac\nexec {quote(sys.executable)} "$@"',
    )
    settings = environment(HUBPORTAL_VENV=str(tmp_path / "venv"), TMPDIR=str(tmp_path / "temporary"))
    # Who is started in the background ignores SIGINT, and so would all that is started from there.
    command = dying_with_us("env", "--default-signal=INT", clone(tmp_path / "clone") / "bin" / "test", "--quick")
    with subprocess.Popen(command, cwd="/", env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        wait_for(lambda: begun.exists() and begun.read_text().strip(), "the check to begin")
        try:
            yield run, int(begun.read_text())
        finally:
            run.terminate()


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_order_to_stop_ends_the_check_that_runs_and_leaves_no_folder(tmp_path: Path, order: signal.Signals) -> None:
    with endless_run(tmp_path) as (run, check):
        run.send_signal(order)

        assert run.wait(60) == 128 + order
        assert check not in processes()
        assert list((tmp_path / "temporary").iterdir()) == []


def test_a_run_that_is_killed_takes_its_check_along_and_the_next_one_removes_its_folder(
    untidy: Path, tmp_path: Path
) -> None:
    with endless_run(tmp_path) as (run, check):
        run.kill()
        run.wait(60)
        wait_for(lambda: check not in processes(), "the check to end")
    assert len(list((tmp_path / "temporary").iterdir())) == 1

    settings = environment(TMPDIR=str(tmp_path / "temporary"))
    subprocess.run([untidy / "bin" / "test", "--quick"], env=settings, capture_output=True, check=False)
    assert list((tmp_path / "temporary").iterdir()) == []


def on_a_machine_without_curl_and_gettext(checkout: Path, tmp_path: Path, user: int) -> tuple[str, list[str]]:
    """What bin/test says on standard error, and what apt-get was asked for; it has no curl to give."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in [*TOOLS.split(), "git", "initdb", "chromium", "unzip", "7z"]:
        found = shutil.which(name)
        (programs / name).symlink_to(found or sys.executable)
    asked = tmp_path / "asked"
    asked.touch()
    script(programs / "id", f"echo {user}")
    script(
        programs / "apt-get", f'echo "$@" >>{quote(str(asked))}\ncase "$*" in *curl) echo no curl here; exit 100; esac'
    )
    done = subprocess.run(
        [checkout / "bin" / "test"], env=environment(PATH=str(programs)), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stderr, asked.read_text().splitlines()


def test_a_package_that_can_not_be_had_does_not_keep_the_others_away(untidy: Path, tmp_path: Path) -> None:
    said, asked = on_a_machine_without_curl_and_gettext(untidy, tmp_path, 0)

    assert asked[0].startswith("update")
    assert [line.split()[-1] for line in asked[1:]] == ["curl", "gettext"]
    assert "-- curl: no curl here" in said


def test_whoever_is_not_root_is_told_the_line_to_type(untidy: Path, tmp_path: Path) -> None:
    said, asked = on_a_machine_without_curl_and_gettext(untidy, tmp_path, 1000)

    assert asked == []
    assert "Not on this machine: curl gettext." in said
    assert "As root: apt-get install --no-install-recommends curl gettext\n" in said


def test_what_is_imported_is_compiled_once_for_all_processes_of_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with endless_run(tmp_path) as (_, check):
        assert b"PYTHONDONTWRITEBYTECODE" not in Path(f"/proc/{check}/environ").read_bytes()
