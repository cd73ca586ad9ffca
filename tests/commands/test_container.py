"""Dockerfile and compose.yaml, as far as they can be tried without a container engine."""

import json
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.commands.launched import ROOT, dying_with_us, environment, free_port, wait_for


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each with its arguments on one line."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    composed: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return composed


@pytest.fixture
def healthz() -> Iterator[tuple[int, list[str]]]:
    """A server that is healthy for pictures.example.org alone: its port, and the hosts it was asked as."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers["Host"])
            known = (self.path, asked[-1]) == ("/healthz", "pictures.example.org")
            self.send_response(200 if known else 400)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, asked
    server.shutdown()
    server.server_close()


def test_images_are_pinned_to_a_full_version(steps: list[tuple[str, str]], compose: dict[str, Any]) -> None:
    images = [rest.split()[0] for word, rest in steps if word == "FROM"]
    images.append(compose["services"]["database"]["image"])

    assert len(set(images[:-1])) == 1
    assert all(re.search(r":\d+\.\d+(\.\d+)?-", image) for image in images), images


def test_the_image_runs_as_an_ordinary_user(steps: list[tuple[str, str]]) -> None:
    last_stage = steps[max(number for number, (word, _) in enumerate(steps) if word == "FROM") :]

    assert ("USER", "10001:10001") in last_stage
    assert last_stage.index(("USER", "10001:10001")) > max(
        number for number, (word, _) in enumerate(last_stage) if word in {"RUN", "COPY"}
    )


def test_what_is_copied_is_there_and_let_in_and_nothing_else_is(steps: list[tuple[str, str]]) -> None:
    copies = [rest.split() for word, rest in steps if word == "COPY" and not rest.startswith("--from")]
    copied = {source for *sources, _target in copies for source in sources}
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    assert (ROOT / ".dockerignore").read_text().startswith("*\n")


def test_packages_are_installed_by_their_hashes(steps: list[tuple[str, str]]) -> None:
    installs = [rest for word, rest in steps if word == "RUN" and "pip install" in rest]

    assert len(installs) == 1
    assert "--require-hashes" in installs[0]


def test_the_image_holds_what_the_site_needs_and_the_sandboxs_server_only_where_it_is_the_sandbox(
    steps: list[tuple[str, str]], compose: dict[str, Any]
) -> None:
    def packages(name: str) -> set[str]:
        return set(re.findall(r"^([\w-]+)==", (ROOT / name).read_text(), re.MULTILINE))

    of_sandbox = compose["services"]["sandbox"]
    default = next(rest for word, rest in steps if word == "ARG")
    assert default == "REQUIREMENTS=requirements.txt"
    assert "aiohttp" not in packages("requirements.txt")
    assert packages("requirements.txt") < packages(of_sandbox["build"]["args"]["REQUIREMENTS"])
    assert "aiohttp" in packages("requirements-sandbox.txt") < packages("requirements-dev.txt")
    assert of_sandbox["image"] not in {compose["services"][name]["image"] for name in ("web", "worker", "migrate")}


def test_the_site_starts_where_the_sandboxs_server_is_not_installed(tmp_path: Path) -> None:
    """Every module but the sandbox's own is imported, in a process that has none of what only the sandbox needs."""
    only_of_sandbox = ("aiohttp", "hubportal.sandbox")
    code = f"""
import importlib, pkgutil, sys
sys.modules |= dict.fromkeys({only_of_sandbox})
import django, hubportal, hubportal.wsgi
from django.core.management import call_command, get_commands, load_command_class
call_command("check")
for command, app in get_commands().items():
    if app.startswith("hubportal") or app == "dj_queue":
        load_command_class(app, command)
for module in pkgutil.walk_packages(hubportal.__path__, "hubportal.", onerror=lambda name: None):
    if not module.name.startswith("hubportal.sandbox") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(len(sys.modules))
"""
    settings = {
        "SECRET_KEY": "x" * 50,
        "KEYRING": "none",
        "SITE_URL": "http://localhost",
        "HUBPORTAL_DATA": str(tmp_path),
    }

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(**settings), capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) > 500


def test_static_files_are_collected_without_a_secret(steps: list[tuple[str, str]], tmp_path: Path) -> None:
    command = next(rest for word, rest in steps if word == "RUN" and "collectstatic" in rest)
    words = [word.replace("/opt/hubportal/bin/python", sys.executable) for word in shlex.split(command)]
    settings = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("-"))
    assert {settings["SECRET_KEY"], settings["KEYRING"]} == {"none"}
    settings |= {"STATIC_ROOT": str(tmp_path / "static"), "HUBPORTAL_DATA": str(tmp_path / "data")}

    subprocess.run(words[len(settings) :], cwd=ROOT, env=environment(**settings), capture_output=True, check=True)

    manifest = json.loads((tmp_path / "static" / "staticfiles.json").read_text())
    assert all((tmp_path / "static" / hashed).is_file() for hashed in manifest["paths"].values())


def test_the_health_check_asks_by_the_name_people_use(
    steps: list[tuple[str, str]], healthz: tuple[int, list[str]]
) -> None:
    port, asked = healthz
    check = next(rest for word, rest in steps if word == "HEALTHCHECK")
    python, option, code = json.loads(check.partition("CMD ")[2])

    def exit_status(site: str) -> int:
        here = [sys.executable, option, code.replace(":8000", f":{port}")]
        return subprocess.run(here, env=environment(SITE_URL=site), capture_output=True, check=False).returncode

    assert python == "python"
    assert exit_status("https://pictures.example.org") == 0
    assert exit_status("https://elsewhere.example.org") != 0
    assert asked == ["pictures.example.org", "elsewhere.example.org"]


def test_secrets_come_from_files_that_git_ignores(compose: dict[str, Any]) -> None:
    files = {secret["file"] for secret in compose["secrets"].values()}
    environments = [service.get("environment", {}) for service in compose["services"].values()]
    given = [name for values in environments for name in values if re.search("SECRET|KEYRING|PASSWORD|DATABASE", name)]

    ignored = subprocess.run(["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(ignored.stdout.split()) == files
    assert given
    assert all(name.endswith("_FILE") for name in given)


def test_web_and_worker_wait_for_the_migrated_database(compose: dict[str, Any]) -> None:
    services = compose["services"]

    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["sandbox"]["profiles"] == ["sandbox"]


def bare_settings(data: Path, **settings: str) -> dict[str, str]:
    return environment(SECRET_KEY="x" * 50, KEYRING="none", HUBPORTAL_DATA=str(data), **settings)


def test_the_image_without_an_address_says_so_in_a_sentence(steps: list[tuple[str, str]], tmp_path: Path) -> None:
    program, *arguments = json.loads(next(rest for word, rest in steps if word == "CMD"))
    arguments[arguments.index("--port") + 1] = str(free_port())

    done = subprocess.run(
        [Path(sys.executable).parent / program, *arguments], cwd=ROOT, env=bare_settings(tmp_path),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode != 0
    assert "SITE_URL is not set: the address people use" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def manage(data: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env=bare_settings(data, SITE_URL="http://localhost", **settings),
    )  # fmt: skip


def test_a_worker_before_the_migration_says_that_it_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-u", "manage.py", "dj_queue", "--mode", "async"]
    settings = bare_settings(tmp_path, SITE_URL="http://localhost")
    with subprocess.Popen(dying_with_us(*command), cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout
            assert re.fullmatch(
                r"The database lacks \d+ migrations: the worker waits for `manage.py migrate`.",
                worker.stdout.readline().strip(),
            )
            manage(tmp_path, "migrate", "--verbosity=0")
            wait_for(lambda: manage(tmp_path, "dj_queue_health").returncode == 0, "the worker to begin")
        finally:
            worker.terminate()


def test_a_worker_that_waited_in_vain_says_what_to_do(tmp_path: Path) -> None:
    done = manage(tmp_path, "dj_queue", "--mode", "async", "--migration-wait-timeout", "0")

    assert done.returncode == 1
    assert "run `manage.py migrate`, then start the worker again." in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_workers_health_before_the_migration_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = manage(tmp_path, "dj_queue_health")

    assert done.returncode == 1
    assert re.search(
        r"unhealthy: the database lacks \d+ migrations, and a worker waits for `manage.py migrate`", done.stderr
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["dj_queue", "--mode", "async"], ["dj_queue_health"]])
def test_a_database_that_can_not_be_reached_is_told_in_a_sentence(tmp_path: Path, command: list[str]) -> None:
    done = manage(tmp_path, *command, DATABASE_URL="sqlite:////proc/nowhere/db.sqlite3")

    assert done.returncode == 1
    assert "the database can't be used: unable to open database file" in done.stderr.lower()
    assert done.stderr.count("\n") == 1
