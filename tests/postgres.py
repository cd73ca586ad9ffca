"""A private PostgreSQL of the tests' own, from the binaries on the machine: a folder, a socket, no port.

`python -m tests.postgres COMMAND…` runs a command beside one, whose address is in HUBPORTAL_TEST_DATABASE_URL.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ELSEWHERE = "/usr/lib/postgresql/*/bin"
# Nothing outlives the run, so nothing waits for the disk; but what was committed survives restart(), so commits are
# written, and `synchronous_commit` stays on: an order whose `sending` a crash forgets is sent, and paid, twice.
# Two test processes have a pool of 20 connections each, and so has whatever they start.
# No statistics by itself: one test's few rows would plan the next one's thousands, which then takes minutes.
# Two races of fifty threads each, and whole sites, may be at work at once.
OPTIONS = "-c fsync=off -c full_page_writes=off -c max_connections=300 -c autovacuum=off"
STOP_TIMEOUT = 15.0  # seconds


def binary(name: str) -> str:
    """The path of a PostgreSQL program; Debian keeps them off PATH. Raises FileNotFoundError in a plain sentence."""
    places = sorted(Path("/").glob(f"{ELSEWHERE.lstrip('/')}/{name}"), reverse=True)
    # Debian's wrappers on PATH choose a version of their own; the real ones are preferred.
    found = str(places[0]) if places else shutil.which(name)
    if not found:
        raise FileNotFoundError(f"PostgreSQL's {name} is not installed: on Debian, apt-get install postgresql.")
    return found


def _not_root() -> list[str]:
    """PostgreSQL refuses to run as root; then it runs as nobody."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


@contextmanager
def cluster() -> Iterator[str]:
    """Start a cluster and give its DATABASE_URL; it is stopped and removed afterwards."""
    # The path of a socket may have 107 bytes, so not below pytest's long folders.
    folder = Path(tempfile.mkdtemp(prefix="hp-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:
        os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        _run("initdb", "-D", data, "-U", "hubportal", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' {OPTIONS}"
        _run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        try:
            yield f"postgresql://hubportal@/postgres?host={folder}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(url: str) -> None:
    """End the cluster at this DATABASE_URL as a crash would, and start it again; returns when it answers."""
    [folder] = parse_qs(urlsplit(url).query)["host"]
    _run("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "-l", f"{folder}/log", "restart")


def _run(name: str, *arguments: object) -> None:
    command = [*_not_root(), binary(name), *map(str, arguments)]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=sys.stderr,
        timeout=60,
        cwd="/",
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{name} failed")


def main(command: list[str]) -> int:
    """Run this command beside a cluster and return its exit status; whatever ends the command, the cluster ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with cluster() as url:
        # Whatever ends us, the command is told to end as well, and given the time to clear up before its database goes.
        command = ["setpriv", "--pdeathsig", "TERM", *command]
        with subprocess.Popen(command, env=os.environ | {"HUBPORTAL_TEST_DATABASE_URL": url}) as running:
            try:
                return running.wait()
            except SystemExit:
                running.terminate()
                running.wait(STOP_TIMEOUT)
                raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
