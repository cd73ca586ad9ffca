"""The settings that bin/run and bin/manage fill in where neither the environment nor .env gives them.

docs/operations.md, Settings, says what they are. They go into the environment, where settings.py and every process
started afterwards find them; settings.py itself knows nothing of this.
"""

import base64
import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from environ import Env

from hubportal.launcher.messages import StartupError, make_passphrase

ROOT = Path(__file__).resolve().parents[2]
COLLECTED = "static"  # in the data folder
LOOPBACK_OF_WILDCARD = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, never bound


@dataclass(frozen=True)
class SiteConfig:
    """Where this site keeps its data and where it listens; `sandboxed` when no hub was named."""

    data: Path
    host: str
    port: int
    sandboxed: bool

    @property
    def reachable_host(self) -> str:
        """The host as this machine can reach it: a wildcard is no address to connect to."""
        return LOOPBACK_OF_WILDCARD.get(self.host, self.host)

    @property
    def sandbox_data(self) -> Path:
        return self.data / "sandbox"

    @property
    def demo_password_file(self) -> Path:
        return self.data / "demo-password"


def apply_defaults() -> SiteConfig:
    """Complete os.environ, and make the data folder with its secrets. Raises StartupError."""
    Env.read_env(str(ROOT / ".env"))
    data = (ROOT / (os.environ.get("HUBPORTAL_DATA") or "var")).resolve()
    config = SiteConfig(data, os.environ.get("HOST") or "127.0.0.1", _read_port(), not os.environ.get("HUB_BASE_URL"))
    try:
        _make_data_folder(config)
    except OSError as error:
        raise StartupError(
            f"The data folder {data} can't be written ({error.strerror}): mend that, or name another in HUBPORTAL_DATA."
        ) from None
    os.environ["HUBPORTAL_DATA"] = str(data)
    os.environ.setdefault("SITE_URL", url_of(config.reachable_host, config.port))
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("EMAIL_URL", "consolemail://")
    return config


def collect_static_files(config: SiteConfig) -> None:
    """Name the folder into which the preparation collects static files, unless another is named.

    With DEBUG there is none: then pages load the sources, as whoever changes them expects.
    """
    if not os.environ.get("STATIC_ROOT") and os.environ.get("DEBUG", "").lower() not in Env.BOOLEAN_TRUE_STRINGS:
        os.environ["STATIC_ROOT"] = str(config.data / COLLECTED)


def url_of(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def use_sandbox_port(config: SiteConfig, port: int) -> None:
    """Let the sandbox hub listen on `port` of this machine, and save its address for every bin/manage from now on."""
    os.environ["HUB_BASE_URL"] = url_of("127.0.0.1", port)
    (config.sandbox_data / "address").write_text(os.environ["HUB_BASE_URL"])


def _read_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise StartupError(f"PORT is {text!r}: it must be a number from 1 to 65535.")
    return int(text)


def _make_data_folder(config: SiteConfig) -> None:
    config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    _default_secret("SECRET_KEY", config.data / "secret_key", secrets.token_urlsafe(48))
    _default_secret("KEYRING", config.data / "keyring", "k1:" + base64.b64encode(secrets.token_bytes(32)).decode())
    vapid_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    _default_secret("VAPID_PRIVATE_KEY", config.data / "vapid_private_key", vapid_key)
    if not config.sandboxed:
        return
    config.sandbox_data.mkdir(exist_ok=True)
    _write_once(config.demo_password_file, make_passphrase())
    os.environ["HUB_SANDBOX"] = "1"
    try:
        os.environ["HUB_BASE_URL"] = (config.sandbox_data / "address").read_text()
    except FileNotFoundError:
        use_sandbox_port(config, config.port % 65535 + 1)


def _default_secret(name: str, path: Path, text: str) -> None:
    if not (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
        _write_once(path, text)
        os.environ[f"{name}_FILE"] = str(path)


def _write_once(path: Path, text: str) -> None:
    """Write a secret file unless it is there. Two at once end up with the same one, and nobody reads half of it."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(text)
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()
