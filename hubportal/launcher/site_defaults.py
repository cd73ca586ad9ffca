"""The settings that bin/run and bin/manage fill in where neither the environment nor .env speaks.

interface.md, Settings, says what they are. They go into the environment, where settings.py and every process started
afterwards find them; settings.py itself knows nothing of this.
"""

import base64
import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from environ import Env

from hubportal.launcher.messages import Refusal, pass_phrase

ROOT = Path(__file__).resolve().parents[2]
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, never bound


@dataclass(frozen=True)
class Place:
    """Where this site keeps its things and where it answers; `sandboxed` when no hub was named."""

    data: Path
    host: str
    port: int
    sandboxed: bool

    @property
    def reachable(self) -> str:
        """The host as this machine can reach it: a wildcard is no address to connect to."""
        return WILDCARDS.get(self.host, self.host)

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox"

    @property
    def demo_password(self) -> Path:
        return self.data / "demo-password"


def settle() -> Place:
    """Complete os.environ, and make the data folder with its secrets. Raises Refusal."""
    Env.read_env(str(ROOT / ".env"))
    data = (ROOT / (os.environ.get("HUBPORTAL_DATA") or "var")).resolve()
    place = Place(data, os.environ.get("HOST") or "127.0.0.1", _port(), not os.environ.get("HUB_BASE_URL"))
    try:
        _furnish(place)
    except OSError as error:
        raise Refusal(
            f"The data folder {data} can't be written ({error.strerror}): mend that, or name another in HUBPORTAL_DATA."
        ) from None
    os.environ["HUBPORTAL_DATA"] = str(data)
    os.environ.setdefault("SITE_URL", address(place.reachable, place.port))
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("EMAIL_URL", "consolemail://")
    return place


def address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def settle_sandbox(place: Place, port: int) -> None:
    """Take `port` of this machine for the sandbox hub, and write it down for every bin/manage from now on."""
    os.environ["HUB_BASE_URL"] = address("127.0.0.1", port)
    (place.sandbox / "address").write_text(os.environ["HUB_BASE_URL"])


def _port() -> int:
    words = os.environ.get("PORT") or "8000"
    if not (words.isascii() and words.isdigit() and 0 < int(words) < 65536):
        raise Refusal(f"PORT is {words!r}: it must be a number from 1 to 65535.")
    return int(words)


def _furnish(place: Place) -> None:
    place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _default_secret("SECRET_KEY", place.data / "secret_key", secrets.token_urlsafe(48))
    _default_secret("KEYRING", place.data / "keyring", "k1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    if not place.sandboxed:
        return
    place.sandbox.mkdir(exist_ok=True)
    _make_once(place.demo_password, pass_phrase())
    os.environ["HUB_SANDBOX"] = "1"
    try:
        os.environ["HUB_BASE_URL"] = (place.sandbox / "address").read_text()
    except FileNotFoundError:
        settle_sandbox(place, place.port % 65535 + 1)


def _default_secret(name: str, path: Path, text: str) -> None:
    if not (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
        _make_once(path, text)
        os.environ[f"{name}_FILE"] = str(path)


def _make_once(path: Path, text: str) -> None:
    """Write a secret file unless it is there. Two at once end up with the same one, and nobody reads half of it."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
