"""A checkout of its own with the commands in it, and a site that bin/run keeps up there.

HUBPORTAL_VENV lends a copy the environment that the tests themselves run in; a test about set-up does without it.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
# What the tests' own settings have put into the environment, and what a developer may have there.
SETTINGS = (
    "ALLOWED_HOSTS BROKER_URL DATABASE_URL DEBUG DJANGO_SETTINGS_MODULE EMAIL_URL HOST HUBPORTAL_DATA HUBPORTAL_VENV"
    " GRANIAN_BLOCKING_THREADS GRANIAN_WORKERS HSTS_INCLUDE_SUBDOMAINS HSTS_PRELOAD HSTS_SECONDS METRICS_TOKEN"
    " HUB_BASE_URL HUB_IMAGE_HOSTS HUB_SANDBOX KEEP_REFERENCE_LOCATION KEYRING KEYRING_FILE LOG_FORMAT LOG_LEVEL"
    " MEDIA_SENDFILE MEDIA_STORAGE PORT PYTHONPATH"
    " OIDC_CLIENT_ID OIDC_CLIENT_SECRET OIDC_ISSUER OIDC_NAME OIDC_SCOPES OIDC_TEAMS OIDC_TEAMS_CLAIM"
    " SECRET_KEY SECRET_KEY_FILE SIGNUP SITE_URL STATIC_ROOT TASKS_BACKEND TRUSTED_PROXIES VAPID_PRIVATE_KEY"
    " VAPID_PRIVATE_KEY_FILE VIRTUAL_ENV"
)


def clone(to: Path) -> Path:
    """Copy what git tracks, or would: a clone of what is about to be committed."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, to / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
            target.chmod(source.stat().st_mode)
    return to


def environment(**settings: str) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if name not in SETTINGS.split()}
    return bare | {"HUBPORTAL_VENV": sys.prefix} | settings


def dying_with_us(*command: str | Path) -> list[str | Path]:
    """This command, told to end when the test process does, however that ends."""
    return ["setpriv", "--pdeathsig", "TERM", *command]


def wait_for[Found](look: Callable[[], Found], what: str, seconds: float = 60.0) -> Found:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} seconds in vain for {what}"
        time.sleep(0.05)
    return found


def free_port() -> int:
    """Free, and the next one as well; below those that the kernel gives to any connection that is made meanwhile."""
    while True:
        port = random.randrange(10_000, 30_000)
        here = "127.0.0.1"
        with suppress(OSError), socket.create_server((here, port)), socket.create_server((here, port + 1)):
            return port


def processes() -> dict[int, int]:
    """Every living process and its parent; a zombie is not living."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            found[int(stat.parent.name)] = int(parent)
    return found


class RunningSite:
    """bin/run in `checkout`, on a free port. Whatever a failed test leaves of it is killed at the end."""

    def __init__(self, checkout: Path, command: Path | None = None, **settings: str) -> None:
        self.port = free_port()
        self.lines: list[str] = []
        self.known: dict[int, str] = {}
        self.process = subprocess.Popen(
            dying_with_us(command or checkout / "bin" / "run"),
            cwd="/",
            env=environment(**{"PORT": str(self.port)} | settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True)
        self._listener.start()

    def __enter__(self) -> "RunningSite":
        return self

    def __exit__(self, *_: object) -> None:
        self.family()
        self.process.kill()
        self.process.wait()
        for pid in living(self.known):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def hear(self, words: str) -> str:
        """The first line with these words in it, once it has been said."""
        return wait_for(
            lambda: next((line for line in list(self.lines) if words in line), ""), f"{words!r} among {self.lines}"
        )

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            text: str = answer.read().decode()
        return text

    def family(self, *, having: str = "") -> dict[int, str]:
        """The processes below the launcher, and what each was called with; once one is `having` these words in it."""
        if having:
            wait_for(lambda: having in str(self.family()), f"a part called with {having!r}")
        parents = processes()
        found = {self.process.pid: ""}
        for _ in parents:
            found |= {pid: _arguments(pid) for pid, parent in parents.items() if parent in found and pid not in found}
        del found[self.process.pid]
        self.known |= found
        return found

    def order(self, number: signal.Signals) -> int:
        """Give the launcher alone a signal, and wait for its exit status."""
        self.family()
        self.process.send_signal(number)
        # The watchdog outlives a launcher that was killed, and holds on to what it could speak through.
        return self.process.wait(30) if number == signal.SIGKILL else self.end()

    def end(self) -> int:
        """Wait for the exit status, and for all that was said until then."""
        status = self.process.wait(30)
        self._listener.join(5)
        return status

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def _listen(self, stream: IO[str]) -> None:
        for line in stream:
            self.lines.append(line.rstrip("\n"))


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def living(pids: dict[int, str]) -> dict[int, str]:
    now = processes()
    return {pid: arguments for pid, arguments in pids.items() if pid in now}
