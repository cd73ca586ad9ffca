"""Settings that depend on each other: what is derived, and what stops the start with a sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.security.site import ROOT, SETTINGS

pytestmark = pytest.mark.process
POSTGRES = "postgres://hubportal@127.0.0.1/hubportal"


def settings_with(tmp_path: Path, **environment: str) -> dict[str, Any]:
    """The site's settings in such an environment, as far as JSON can hold them."""
    code = (
        "import json; from hubportal import settings;"
        "print(json.dumps({name: getattr(settings, name) for name in dir(settings) if name.isupper()}, default=str))"
    )
    command = [sys.executable, "-c", code]
    env = SETTINGS | {"HUBPORTAL_DATA": str(tmp_path)} | environment
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"TRUSTED_PROXIES": "nonsense"}, "TRUSTED_PROXIES names 'nonsense'"),
        ({"OIDC_ISSUER": "https://login.example.org"}, "lacks OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        ({"OIDC_TEAMS": "a=b:member", "OIDC_TEAMS_CLAIM": "groups"}, "no provider"),
        ({"GRANIAN_BLOCKING_THREADS": "3"}, "GRANIAN_BLOCKING_THREADS 3: there must be"),
        ({"GRANIAN_WORKERS": "0"}, "GRANIAN_WORKERS is 0"),
        ({"HSTS_PRELOAD": "true"}, "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS"),
        ({"HSTS_PRELOAD": "true", "HSTS_INCLUDE_SUBDOMAINS": "true"}, "HSTS_SECONDS=31536000"),
    ],
)
def test_the_site_does_not_start_and_says_why(tmp_path: Path, setting: dict[str, str], said: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), "check"]
    environment = SETTINGS | {"HUBPORTAL_DATA": str(tmp_path)} | setting

    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("threads", [4, 5, 32, 200])
def test_no_number_of_slow_bodies_takes_all_threads_or_any_connection_from_others(tmp_path: Path, threads: int) -> None:
    found = settings_with(tmp_path, GRANIAN_BLOCKING_THREADS=str(threads), DATABASE_URL=POSTGRES)

    pool = found["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"]
    assert 1 <= found["MAX_BODIES_PER_ADDRESS"] < found["MAX_BODIES_AT_ONCE"] < threads
    assert pool == found["DATABASE_POOL_SIZE"] >= threads


def test_the_workers_threads_are_counted(tmp_path: Path) -> None:
    found = settings_with(tmp_path, GRANIAN_BLOCKING_THREADS="4", GRANIAN_WORKERS="3", DATABASE_URL=POSTGRES)

    engine = found["TASKS"]["default"]["OPTIONS"]
    jobs = sum(worker["threads"] for worker in engine["workers"])
    # Each with a thread that renews its lease, each part of the engine with a loop and a heartbeat.
    least = 2 * jobs + 2 * len(engine["workers"])
    assert found["DATABASE_POOL_SIZE"] == found["WORKER_THREADS"] > least
    assert found["MAX_DATABASE_CONNECTIONS"] >= 3 * 4 + found["WORKER_THREADS"]


def test_browsers_are_told_to_keep_to_https_for_an_hour_and_this_host_alone(tmp_path: Path) -> None:
    found = settings_with(tmp_path)

    assert found["SECURE_HSTS_SECONDS"] == 3600
    assert (found["SECURE_HSTS_INCLUDE_SUBDOMAINS"], found["SECURE_HSTS_PRELOAD"]) == (False, False)


def test_the_operator_may_ask_for_more(tmp_path: Path) -> None:
    more = {"HSTS_SECONDS": "31536000", "HSTS_INCLUDE_SUBDOMAINS": "true", "HSTS_PRELOAD": "true"}

    found = settings_with(tmp_path, **more)

    assert found["SECURE_HSTS_SECONDS"] == 31536000
    assert (found["SECURE_HSTS_INCLUDE_SUBDOMAINS"], found["SECURE_HSTS_PRELOAD"]) == (True, True)
