"""Makes .venv hold exactly what a requirements file pins: setup.py REQUIREMENTS STAMP, or setup.py --uv.

Runs on a bare Python >= 3.12, so it knows the standard library alone. Whatever goes wrong ends in one sentence.
The stamp is written last: an environment without one is unfinished and is made again from nothing.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".stamp"
PRIVATE_UV = VENV / ".uv"
# uv has a lock of its own in there, called .lock.
LOCK = VENV / ".set-up"
KEPT = {PRIVATE_UV, LOCK}
# How uv and pip speak of a network that isn't there; neither has an exit code for it.
NO_NETWORK = ("connection", "connect error", "dns error", "name resolution", "timed out", "error sending request")


class SetUpFailed(Exception):
    """Says in one sentence what is missing and what to do."""


def main(arguments: list[str]) -> int:
    try:
        with locked():
            if arguments == ["--uv"]:
                print(find_uv())
            else:
                set_up(*arguments)
    except SetUpFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Setting up did not work: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def locked() -> Iterator[None]:
    VENV.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is under way here; waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(requirements: str, stamp: str) -> None:
    finished = STAMP.read_text() if STAMP.exists() else ""
    python = VENV / "bin" / "python"
    if finished == stamp and python.exists():
        return
    print(f"Setting up: installing what {requirements} pins into .venv.", file=sys.stderr)
    uv = find_uv()
    STAMP.unlink(missing_ok=True)
    if not finished.endswith(f" {ROOT}") or not python.exists():
        empty_venv()
        run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
    # Compiled now, or the first page would wait for it.
    install = ("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", python)
    run(uv, *install, ROOT / requirements)
    STAMP.write_text(stamp)


def empty_venv() -> None:
    for entry in VENV.iterdir():
        if entry.is_dir() and not entry.is_symlink() and entry not in KEPT:
            shutil.rmtree(entry)
        elif entry not in KEPT:
            entry.unlink()


def find_uv() -> str:
    """The path of a uv that works: the machine's, or one of our own that is installed here at need."""
    private = PRIVATE_UV / "bin" / "uv"
    for uv in (shutil.which("uv"), str(private)):
        # A pyenv shim can be on the path and still have no uv behind it.
        if uv and Path(uv).exists() and subprocess.run([uv, "--version"], capture_output=True).returncode == 0:
            return uv
    if not find_spec("ensurepip"):
        raise SetUpFailed(
            f"{sys.executable} came without its venv module: install it (Debian: apt-get install python3-venv),"
            " or install uv, then run this again."
        )
    run(sys.executable, "-m", "venv", "--clear", PRIVATE_UV)
    pip = ("-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:")
    run(PRIVATE_UV / "bin" / "python", *pip, "-r", ROOT / "bin" / "uv.txt")
    return str(private)


def run(*command: str | Path) -> None:
    # A Python that uv would download by itself would land outside the checkout.
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, cwd=ROOT, check=False
    )
    if done.returncode != 0:
        raise SetUpFailed(complaint(done.stdout))


def complaint(output: str) -> str:
    lines = [line.strip(" ×├─▶╰│·") for line in output.splitlines()]
    last = next((line for line in reversed(lines) if line), "it said nothing")
    if any(word in output.lower() for word in NO_NETWORK):
        return (
            "Setting up needs the network, and Python's package index did not answer: check the connection, then run"
            f" this again. ({last})"
        )
    return f"Setting up did not work: {last}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
