"""Where a benchmark's site lives: a folder, two ports, a database, and the environment that tells its processes."""

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
# Each is set, empty if need be, so that neither the caller's environment nor a .env file has a say.
_NEUTRAL = ("HUB_IMAGE_HOSTS", "STATIC_ROOT", "TRUSTED_PROXIES")


@dataclass(frozen=True, slots=True)
class Place:
    """`environment` is complete; `port` is the site's, `hub_port` the sandbox's, `spare_port` for a reference;
    `database` is its address."""

    data: Path
    port: int
    hub_port: int
    spare_port: int
    database: str
    environment: dict[str, str]

    @property
    def hub_data(self) -> Path:
        return self.data / "hub"

    def second_database(self) -> str:
        """The address of another one, empty, of the same kind beside the site's own."""
        if self.database.startswith("sqlite"):
            return f"sqlite:///{self.data / 'second.sqlite3'}"
        with psycopg.connect(self.database, autocommit=True) as connection:
            connection.execute("CREATE DATABASE second")
        return self.database.replace("/postgres?", "/second?")

    @property
    def output(self) -> Path:
        """What all processes say."""
        return self.data / "output"

    @property
    def last_words(self) -> str:
        said = self.output.read_text(errors="replace") if self.output.exists() else ""
        return said[-4000:] or "(nothing)"


@contextmanager
def place(data: Path, database: str, settings: str) -> Iterator[Place]:
    """A place in an empty folder; `database` is sqlite or postgres, and a postgres lasts as long as the block."""
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
        yield Place(data, port, hub_port, spare_port, url, _without_files(own) | dict.fromkeys(_NEUTRAL, "") | own)


def _without_files(own: dict[str, str]) -> dict[str, str]:
    """The caller's environment but for what would go before ours: NAME_FILE goes before NAME."""
    return {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in own}


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [server.getsockname()[1] for server in sockets]
