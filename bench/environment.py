"""The environment of a benchmark's site: folder, ports, database, and the variables that tell its processes."""

import base64
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.postgres import cluster

ROOT = Path(__file__).resolve().parent.parent
# Set, though empty, so that neither the caller's environment nor a .env file sets them.
_EMPTY = ("HUB_IMAGE_HOSTS", "MEDIA_SENDFILE", "STATIC_ROOT", "TRUSTED_PROXIES")


@dataclass(frozen=True, slots=True)
class BenchEnvironment:
    """Where everything of one benchmark is.

    data        the folder of its files
    port        the site's; `hub_port` the sandbox's; `spare_port` for a reference to compare with
    database    the URL of the site's database
    variables   all environment variables of its processes
    """

    data: Path
    port: int
    hub_port: int
    spare_port: int
    database: str
    variables: dict[str, str]

    @property
    def hub_data(self) -> Path:
        return self.data / "hub"

    def second_database(self) -> str:
        """The URL of another, empty database of the same kind."""
        if self.database.startswith("sqlite"):
            return f"sqlite:///{self.data / 'second.sqlite3'}"
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("CREATE DATABASE second")
        return self.database.replace("/postgres?", "/second?")

    @property
    def output(self) -> Path:
        """The file to which all processes print."""
        return self.data / "output"

    @property
    def last_output(self) -> str:
        """The end of it, at most 4,000 characters."""
        printed = self.output.read_text(errors="replace") if self.output.exists() else ""
        return printed[-4000:] or "(nothing)"


@contextmanager
def make_environment(data: Path, database: str, settings: str) -> Iterator[BenchEnvironment]:
    """Make one in an empty folder; `database` is sqlite or postgres, and a postgres lasts as long as the block."""
    with ExitStack() as stack:
        url = stack.enter_context(cluster()) if database == "postgres" else f"sqlite:///{data / 'db.sqlite3'}"
        port, hub_port, spare_port = _free_ports(3)
        own = {
            "DJANGO_SETTINGS_MODULE": settings,
            "HUBPORTAL_DATA": str(data),
            "DATABASE_URL": url,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "HUB_BASE_URL": f"http://127.0.0.1:{hub_port}",
            "HUB_SANDBOX": "1",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "KEYRING": "b1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "ERROR",
            "DEBUG": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
            "TASKS_BACKEND": "database",
            "PYTHONPATH": str(ROOT),
        }
        yield BenchEnvironment(data, port, hub_port, spare_port, url, _inherited(own) | dict.fromkeys(_EMPTY, "") | own)


def _inherited(own: dict[str, str]) -> dict[str, str]:
    """The caller's environment without what would override ours: NAME_FILE overrides NAME."""
    return {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in own}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in sockets]
