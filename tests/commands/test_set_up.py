"""What the commands do before they begin: find Python, and make an environment with what is pinned."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import django
import pytest

from tests.commands.launched import RunningSite, clone, environment
from tests.fresh.index import company_index

# What a shell script may expect of any system.
PLAIN_TOOLS = ("sh", "cat", "cksum", "dirname", "readlink")
NO_INDEX = "http://127.0.0.1:9/simple"


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    return clone(tmp_path / "a fresh clone")


def without_help(**settings: str) -> dict[str, str]:
    """The environment of somebody who has nothing set up yet."""
    bare = environment(**settings)
    del bare["HUBPORTAL_VENV"]
    # Or each fresh clone would fetch all packages anew.
    return {"UV_CACHE_DIR": f"{sys.prefix}/.cache"} | bare


def find_uv() -> str:
    """The uv that bin/test has set up these tests with."""
    uv = shutil.which("uv", path=f"{sys.prefix}/.uv/bin:{os.environ['PATH']}")
    assert uv, "there is no uv here: run these tests by bin/test"
    return uv


def with_uv(**settings: str) -> dict[str, str]:
    env = without_help(**settings)
    return env | {"PATH": f"{Path(find_uv()).parent}:{env['PATH']}"}


def check(checkout: Path, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [str(checkout / "bin" / "manage"), "check"]
    return subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, timeout=120, check=False)


def folder_of(programs: tuple[str, ...], at: Path) -> Path:
    at.mkdir()
    for program in programs:
        (at / program).symlink_to(shutil.which(program) or "/nowhere")
    return at


def test_a_fresh_clone_sets_itself_up_once(fresh: Path, data: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.commands.launched.environment", without_help)
    link = fresh.parent / "run it"
    link.symlink_to(fresh / "bin" / "run")

    with RunningSite(fresh, command=link, HUBPORTAL_DATA=data) as first:
        first.hear("Hubportal is at")
        page = first.get("/accounts/login/")
    with RunningSite(fresh, command=link, HUBPORTAL_DATA=data) as second:
        second.hear("Hubportal is at")

    assert "<form" in page
    assert first.lines[0].startswith("Setting up")
    assert "Setting up" not in second.said


def test_an_interrupted_set_up_is_made_good_by_the_next_command(fresh: Path, data: str) -> None:
    packages = Path(django.__file__).parents[1]
    half = fresh / ".venv" / packages.relative_to(sys.prefix)
    shutil.copytree(next(packages.glob("django-*.dist-info")), half / f"django-{django.__version__}.dist-info")
    (fresh / ".venv" / "bin").mkdir()
    (fresh / ".venv" / "bin" / "python").symlink_to(sys.executable)

    done = check(fresh, with_uv(HUBPORTAL_DATA=data))

    assert done.returncode == 0, done.stderr
    assert "Setting up" in done.stderr


def test_two_set_ups_at_once_end_well_for_both(fresh: Path, data: str) -> None:
    env = with_uv(HUBPORTAL_DATA=data)

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: check(fresh, env), range(2)))

    assert [done.returncode for done in both] == [0, 0], [done.stderr for done in both]
    assert "\n".join(done.stderr for done in both).count("packages are installed") == 1


def test_a_missing_python_is_told_in_one_sentence(checkout: Path, tmp_path: Path) -> None:
    path = folder_of(PLAIN_TOOLS, tmp_path / "bin")

    done = check(checkout, {"PATH": str(path), "HOME": str(tmp_path)})

    assert done.returncode == 1
    assert done.stderr.startswith("Hubportal needs Python 3.12 or newer and found none: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("has_uv", [True, False], ids=["uv", "no uv"])
def test_a_missing_network_is_told_in_one_sentence(fresh: Path, tmp_path: Path, has_uv: bool) -> None:
    path = folder_of(PLAIN_TOOLS, tmp_path / "bin")
    (path / "python3.13").symlink_to(sys.executable)
    if has_uv:
        (path / "uv").symlink_to(find_uv())
    offline = {
        "UV_DEFAULT_INDEX": NO_INDEX, "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_HTTP_RETRIES": "0",
        "PIP_INDEX_URL": NO_INDEX, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1", "PIP_NO_CACHE_DIR": "1",
    }  # fmt: skip

    done = check(fresh, {"PATH": str(path), "HOME": str(tmp_path)} | offline)

    *progress, complaint = done.stderr.splitlines()
    assert done.returncode == 1
    assert progress[0].startswith("Setting up: installing")
    assert all(line.startswith("Setting up: ") for line in progress)
    assert complaint.startswith("Setting up needs the network, and the package index did not answer: ")


def test_a_borrowed_environment_that_is_none_is_told_in_one_sentence(checkout: Path, tmp_path: Path) -> None:
    done = check(checkout, environment(HUBPORTAL_VENV=str(tmp_path)))

    assert done.returncode == 1
    assert done.stderr == f"HUBPORTAL_VENV is {tmp_path}, but there is no bin/python in it.\n"


def test_bin_lock_without_a_python_says_just_that(checkout: Path, tmp_path: Path) -> None:
    path = folder_of(PLAIN_TOOLS, tmp_path / "bin")

    done = subprocess.run(
        [checkout / "bin" / "lock"], env={"PATH": str(path), "HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("Hubportal needs Python 3.12 or newer and found none: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("has_uv", [True, False], ids=["uv", "no uv"])
def test_a_certificate_that_nobody_vouches_for_is_not_called_a_missing_network(
    fresh: Path, tmp_path: Path, has_uv: bool
) -> None:
    path = folder_of(PLAIN_TOOLS, tmp_path / "bin")
    (path / "python3.13").symlink_to(sys.executable)
    if has_uv:
        (path / "uv").symlink_to(find_uv())
    with company_index(tmp_path) as (index, _authority):
        at_the_company = {
            "UV_DEFAULT_INDEX": index, "UV_CACHE_DIR": str(tmp_path / "cache"), "UV_HTTP_RETRIES": "0",
            "PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0",
        }  # fmt: skip
        done = check(fresh, {"PATH": str(path), "HOME": str(tmp_path)} | at_the_company)

    complaint = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert complaint.startswith(
        "Setting up reached the network, but what answered showed a certificate that this machine"
    )
    assert "update-ca-certificates" in complaint


def test_nothing_is_written_outside_the_checkout(fresh: Path, tmp_path: Path, data: str) -> None:
    """Nor is a home needed: a service user may have none."""
    packages = f"{sys.prefix}/.cache"
    env = with_uv(HUBPORTAL_DATA=data, TMPDIR=str(tmp_path / "temporary"), UV_CACHE_DIR=packages)
    (tmp_path / "temporary").mkdir()
    del env["HOME"]

    done = check(fresh, env)

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "temporary").iterdir()) == []
