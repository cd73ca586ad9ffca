"""The commands as an operator runs them: processes of their own, with pipes and exit codes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hubportal.sandbox.server import RunningSandbox
from tests.migrated import start_migrated

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "hubportal.settings",
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "KEYRING": "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "SITE_URL": "http://127.0.0.1:8000",
    "LOG_LEVEL": "DEBUG",
}


@pytest.fixture
def manage(tmp_path: Path, sandbox: RunningSandbox) -> "Manage":
    passed_on = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    here = {"HUBPORTAL_DATA": str(tmp_path), "HUB_BASE_URL": sandbox.url}
    return Manage(passed_on | SETTINGS | here)


class Manage:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __call__(self, *arguments: str, said: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(
            command, input=said, env=self.environment, capture_output=True, text=True, timeout=180, check=False
        )


def test_a_team_with_a_key_from_an_empty_folder(manage: Manage, sandbox: RunningSandbox) -> None:
    secret = sandbox.hub.new_key(credits=55)
    assert manage("migrate", "--verbosity=0").returncode == 0

    team = manage(
        "create_team", "Studio North", "--owner", "nora@example.org", "--password-stdin", said="three harbours\n"
    )
    slug = team.stdout.splitlines()[-1]
    key = manage("add_key", slug, "--label", "Main", said=f"{secret}\n")
    doctor = manage("doctor")

    assert (team.returncode, slug) == (0, "studio-north")
    assert (key.returncode, len(key.stdout.strip())) == (0, 36)
    assert doctor.returncode == 1
    assert [line.split()[0] for line in doctor.stdout.splitlines()] == ["ok"] * 4 + ["not"] + ["ok"] * 4
    said = "".join(part.stdout + part.stderr for part in (team, key, doctor))
    assert secret not in said
    assert "three harbours" not in said
    assert "Traceback" not in said


def test_what_is_refused_is_one_sentence_and_exit_1(manage: Manage, tmp_path: Path) -> None:
    start_migrated(tmp_path)
    manage("migrate", "--verbosity=0")

    refused = manage("create_team", "Studio", "--owner", "nora@example.org", "--password-stdin", said="short\n")

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "too short" in refused.stderr


def test_the_doctor_speaks_of_a_database_that_was_never_made(manage: Manage) -> None:
    doctor = manage("doctor")

    assert doctor.returncode == 1
    assert "migrate" in doctor.stdout.splitlines()[0]
    assert "Traceback" not in doctor.stderr
