"""Bare Debian systems. One base a release is kept; each case gets a layer of its own above it, thrown away afterwards.

A case's processes and mounts live in namespaces of their own, so that nothing of it outlives it, and its layer says
afterwards what it has written.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.commands.launched import ROOT, clone, processes

BASES = Path(os.environ.get("HUBPORTAL_FRESH") or ROOT / "var" / "fresh")
CHECKOUT = "srv/hubportal"
USER = 1000
# What a Python that was built elsewhere is linked with, and Debian 12's own, 3.11, is too old for.
LIBRARIES = "libssl3,libffi8,libsqlite3-0,libreadline8"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# The first process of the case: it mounts, stays to collect the orphans, and takes everything along when it ends.
INIT = """
set -e
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$LAYER/upper,workdir=$LAYER/work" "$LAYER/root"
cd "$LAYER/root"
mount -t proc proc proc
mount --rbind /dev dev
if [ -n "$PYTHON" ]; then mount --bind "$PYTHON" ".$PYTHON"; mount -o remount,bind,ro ".$PYTHON"; fi
if [ -n "$OFFLINE" ]; then ip link set lo up; fi
chroot --userspec="$WHO" . /usr/bin/env -i "$@" &
child=$!
trap 'kill -TERM $child' TERM
while kill -0 $child 2>/dev/null; do status=0; wait $child || status=$?; done
exit $status
"""


@dataclass(frozen=True)
class Machine:
    """`packages`: what is there beyond debootstrap's smallest system. `python`: the folder of a Python of this machine,
    which is then there as well, in the same place: some know their libraries by it. `user`: who runs the command.
    `authorities`: certificates that the system trusts beside the usual; this machine's own unless others are given.
    """

    release: str
    packages: str = "python3,ca-certificates"
    python: Path | None = None
    user: int = 0
    home: str | None = "/root"
    offline: bool = False
    authorities: tuple[Path, ...] = tuple(Path("/usr/local/share/ca-certificates").glob("*.crt"))


@dataclass
class Run:
    """A command under way on a machine, or at its end; `lines` is what it has said so far."""

    process: subprocess.Popen[str]
    output: Path

    @property
    def lines(self) -> list[str]:
        return [line for line in self.output.read_text(errors="replace").splitlines() if line]

    def stop(self) -> int:
        """SIGTERM to the command itself; gives its exit status."""
        for pid, parent in processes().items():
            if parent == self.process.pid:  # the first process of its namespace, which passes it on
                os.kill(pid, signal.SIGTERM)
        return self.process.wait(30)


def base_of(machine: Machine) -> Path:
    """The bare system below all cases with this release and these packages; made once."""
    base = BASES / f"{machine.release}-{machine.packages.replace(',', '+') or 'nothing'}"
    if not base.exists():
        draft = base.with_name(f"{base.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        include = [f"--include={machine.packages}"] if machine.packages else []
        command = ["debootstrap", "--variant=minbase", *include, machine.release, str(draft)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        draft.rename(base)
    return base


@contextmanager
def started(machine: Machine, *command: str, **settings: str) -> Iterator[tuple[Run, Path]]:
    """A command in a fresh copy of the checkout on such a machine, and the layer that it writes to."""
    base = base_of(machine)
    layer = Path(tempfile.mkdtemp(dir=BASES, prefix="case-"))
    layer.chmod(0o755)
    try:
        _lay_out(machine, base, layer)
        with (layer / "output").open("w") as output:
            process = _spawn(machine, base, layer, output.fileno(), command, settings)
        try:
            yield Run(process, layer / "output"), layer / "upper"
        finally:
            process.kill()
            process.wait()
            shutil.copyfile(layer / "output", BASES / "last-output")
    finally:
        _remove(layer)


def _lay_out(machine: Machine, base: Path, layer: Path) -> None:
    for name in ("upper/etc", "work", "root", f"upper{machine.python or ''}"):
        (layer / name).mkdir(parents=True, exist_ok=True)
    upper = layer / "upper"
    checkout = clone(upper / CHECKOUT)
    for path in (checkout, *checkout.rglob("*")):
        os.chown(path, machine.user, machine.user)
    for name in ("resolv.conf", "hosts"):
        shutil.copyfile(f"/etc/{name}", upper / "etc" / name)
    bundle = base / "etc/ssl/certs/ca-certificates.crt"
    if bundle.exists():
        # As update-ca-certificates would leave it.
        (upper / "etc/ssl/certs").mkdir(parents=True)
        texts = [path.read_text() for path in (bundle, *machine.authorities)]
        (upper / "etc/ssl/certs/ca-certificates.crt").write_text("\n".join(texts))


def _spawn(
    machine: Machine, base: Path, layer: Path, output: int, command: tuple[str, ...], settings: dict[str, str]
) -> "subprocess.Popen[str]":
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *(["--net"] if machine.offline else [])]
    home = [f"HOME={machine.home}"] if machine.home else []
    path = f"{machine.python}/bin:{PATH}" if machine.python else PATH
    inside = ["LANG=C.UTF-8", f"PATH={path}", *home, *(f"{name}={value}" for name, value in settings.items())]
    outside = {
        "PATH": os.environ["PATH"], "LOWER": str(base), "LAYER": str(layer), "PYTHON": str(machine.python or ""),
        "OFFLINE": "yes" if machine.offline else "", "WHO": f"{machine.user}:{machine.user}",
    }  # fmt: skip
    words = [f"/{CHECKOUT}/{command[0]}", *command[1:]]
    return subprocess.Popen(
        [*alone, "sh", "-c", INIT, "sh", *inside, *words],
        env=outside, stdin=subprocess.DEVNULL, stdout=output, stderr=output, text=True,
    )  # fmt: skip


def written_elsewhere(upper: Path) -> list[str]:
    """What the layer has, as paths on the machine, outside the checkout and beyond what the case itself put there."""
    ours = {"etc/resolv.conf", "etc/hosts", "etc/ssl/certs/ca-certificates.crt"}
    found = []
    for folder, names, files in os.walk(upper):
        here = Path(folder).relative_to(upper)
        if str(here) == CHECKOUT:
            names.clear()
            continue
        found += [str(here / name) for name in files if str(here / name) not in ours]
    return sorted(found)


def _remove(layer: Path) -> None:
    """Its mounts are gone with the namespace, a moment after the last of its processes."""
    for _ in range(20):
        shutil.rmtree(layer, ignore_errors=True)
        if not layer.exists():
            return
        time.sleep(0.2)
