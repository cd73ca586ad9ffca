"""Makes .venv hold exactly what a requirements file pins: setup.py REQUIREMENTS STAMP, or setup.py --uv.

Runs on a bare Python >= 3.12, so it knows the standard library alone. Whatever goes wrong ends in one sentence.
The stamp is written last: an environment without one is unfinished and is made again from nothing.
docs/decisions/first-minute.md says where uv comes from on a machine that has none.
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".stamp"
PRIVATE_UV = VENV / ".uv"
DEBIAN_PIP = VENV / ".pip"
# uv has a lock of its own in there, called .lock.
LOCK = VENV / ".set-up"
TEMPORARY = VENV / ".tmp"
# setup.sh puts uv's cache there.
KEPT = {PRIVATE_UV, LOCK, TEMPORARY, VENV / ".cache"}
SIGN_OF_LIFE = 10.0  # seconds between two lines that say that a step is still under way

# Where systems keep the authorities they trust in one file: Debian, Alpine and Arch; Fedora; SUSE.
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem")
CERTIFICATE_BUNDLE = next((path for path in map(Path, BUNDLES) if path.is_file()), None)

# OpenSSL's words in pip, rustls's in uv, GnuTLS's in apt-get.
CERTIFICATE = re.compile(
    r"certificate verify failed[^(']*|invalid peer certificate: \w+|certificate verification failed: [^.]*",
    re.IGNORECASE,
)
# The first are the reasons, in the words of libc, apt-get and uv; the last is all that some errors say.
NETWORK = re.compile(
    r"(?:could not connect|cannot initiate|could not resolve|temporary failure|name or service not known|network is un"
    r"|connection refused|connection reset|dns error|timed out|error sending request|connect(?:ion)? error)[^'\"()\n]*"
    r"|connection broken",
    re.IGNORECASE,
)


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
            say("another set-up is under way here; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        TEMPORARY.mkdir(exist_ok=True)
        try:
            yield
        finally:
            shutil.rmtree(TEMPORARY, ignore_errors=True)


def set_up(requirements: str, stamp: str) -> None:
    finished = STAMP.read_text() if STAMP.exists() else ""
    python = VENV / "bin" / "python"
    if finished == stamp and python.exists():
        return
    pins = ROOT / requirements
    say(f"installing what {requirements} pins into .venv; once, and again when the pins change.")
    uv = find_uv()
    STAMP.unlink(missing_ok=True)
    if not finished.endswith(f" {ROOT}") or not python.exists():
        empty_venv()
        run("making .venv", uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
    # Compiled now, or the first page would wait for it.
    install = ("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", "--python", python)
    began = time.monotonic()
    run("installing the packages", uv, *install, pins)
    say(f"{pins.read_text().count('==')} packages are installed ({time.monotonic() - began:.0f} s).")
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
    say("fetching uv, which installs the packages.")
    install_uv()
    return str(private)


def install_uv() -> None:
    """By the hashes in uv.txt, with whatever pip this Python has."""
    # Not --quiet: it may say why at that level alone.
    install = ("install", "--require-hashes", "--only-binary", ":all:", "-r", ROOT / "bin" / "uv.txt")
    if find_spec("ensurepip"):
        run("making a place for uv", sys.executable, "-m", "venv", "--clear", PRIVATE_UV)
        run("fetching uv", PRIVATE_UV / "bin" / "python", "-m", "pip", *install)
        return
    pip = ("-m", "pip") if find_spec("pip") else (download_debian_pip(),)
    shutil.rmtree(PRIVATE_UV, ignore_errors=True)
    run("fetching uv", sys.executable, *pip, *install, "--target", PRIVATE_UV)


def download_debian_pip() -> Path:
    """What to give to Python to run the pip that Debian and Ubuntu keep apart from it. apt-get fetches it from the
    machine's own sources into the checkout, for which nobody has to be root; nothing is installed in the system.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SetUpFailed(
            f"{sys.executable} came without venv and without pip: install one of them, or uv, then run this again."
        )
    shutil.rmtree(DEBIAN_PIP, ignore_errors=True)
    (DEBIAN_PIP / "lists" / "partial").mkdir(parents=True)
    (DEBIAN_PIP / "archives" / "partial").mkdir(parents=True)
    places = {"Dir::State::Lists": DEBIAN_PIP / "lists", "Dir::Cache": DEBIAN_PIP, "Dir::Cache::Archives": "archives"}
    # Without the first, root's apt-get would give the download to a user who may not enter the checkout; without the
    # second, it would call a list that it could not fetch a success.
    manner = {"APT::Sandbox::User": "root", "APT::Update::Error-Mode": "any", "Acquire::Languages": "none"}
    options = [word for name, value in (places | manner).items() for word in ("-o", f"{name}={value}")]
    run("asking apt-get for pip", "apt-get", "-qq", *options, "update")
    run("asking apt-get for pip", "apt-get", "-qq", *options, "download", "python3-pip-whl", cwd=DEBIAN_PIP)
    [package] = DEBIAN_PIP.glob("*.deb")
    run("unpacking pip", "dpkg-deb", "-x", package, DEBIAN_PIP)
    [wheel] = DEBIAN_PIP.glob("usr/share/python-wheels/pip-*.whl")
    # A wheel is a ZIP file, which Python can run from; what apt-get brought for finding it is of no more use.
    shutil.rmtree(DEBIAN_PIP / "lists")
    return wheel / "pip"


def run(what: str, *command: str | Path, cwd: Path = ROOT) -> None:
    """Raises SetUpFailed with a sentence on what the command complained of."""
    began = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(), cwd=cwd
    ) as process:
        while True:
            try:
                output, _ = process.communicate(timeout=SIGN_OF_LIFE)
                break
            except subprocess.TimeoutExpired:
                say(f"still {what} ({time.monotonic() - began:.0f} s).")
            except BaseException:
                process.kill()
                raise
    if process.returncode != 0:
        raise SetUpFailed(explain(output))


def environment() -> dict[str, str]:
    """What others have set goes first, but for what would be written outside the checkout: temporary files, and a
    Python that uv would download by itself.
    """
    ours = {"PIP_NO_CACHE_DIR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if CERTIFICATE_BUNDLE:
        # The system's list of authorities may hold a company's own; uv and older pips bring a list of theirs. pip reads
        # this name after its own settings, so what pip.conf says stays.
        ours |= {"UV_SYSTEM_CERTS": "true", "REQUESTS_CA_BUNDLE": str(CERTIFICATE_BUNDLE)}
    return ours | os.environ | {"UV_PYTHON_DOWNLOADS": "never", "TMPDIR": str(TEMPORARY)}


def explain(output: str) -> str:
    """What uv, pip or apt-get complained of, as a sentence that says what to do; they have no exit codes for it."""
    # A certificate's failure is told as one of the connection as well, so it is looked for first.
    if certificate := CERTIFICATE.search(output):
        return _explain_certificate(certificate[0].strip())
    if reasons := NETWORK.findall(output):
        return (
            "Setting up needs the network, and the package index did not answer: check the connection, then run this"
            f" again. ({reasons[-1].strip()})"
        )
    lines = [line.strip(" ×├─▶╰│·") for line in output.splitlines()]
    return f"Setting up did not work: {next(filter(None, reversed(lines)), 'it said nothing')}"


def _explain_certificate(complaint: str) -> str:
    if not CERTIFICATE_BUNDLE:
        return (
            "Setting up needs to know whom this machine trusts, and it has no list of certificate authorities: install"
            f" ca-certificates, then run this again. ({complaint})"
        )
    return (
        "Setting up reached the network, but what answered showed a certificate that this machine does not trust. If a"
        " proxy of your company signs connections, add its certificate to the system's (Debian: as a .crt file in"
        " /usr/local/share/ca-certificates, then update-ca-certificates) or name it in SSL_CERT_FILE, then run this"
        f" again. ({complaint})"
    )


def say(text: str) -> None:
    print(f"Setting up: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
