"""What is tried on which machine, and what must come of it."""

import re
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.commands.launched import free_port
from tests.fresh.machines import CHECKOUT, LIBRARIES, USER, Machine, Run, started, written_elsewhere

PATIENCE = 1200.0  # seconds
JOURNEY = "tests/journeys/test_first_picture.py"
# Only where somebody may write by design: apt-get's packages are the system's, and so is what they leave behind.
TEMPORARY = re.compile(r"^(tmp|var/tmp|run)/")


@dataclass(frozen=True)
class Outcome:
    """`problem` is empty where it went as it must; `seen` is the line that shows it."""

    problem: str
    seen: str
    seconds: float


@dataclass(frozen=True)
class Case:
    """`expected` must stand in a line of what the command says; "" for a site that answers and ends without a trace."""

    name: str
    machine: Machine
    command: tuple[str, ...]
    expected: str = ""
    succeeds: bool = True
    may_install: bool = False
    settings: dict[str, str] = field(default_factory=dict)

    def try_out(self) -> Outcome:
        return _try_site(self) if not self.expected else _try_command(self)


def all_cases(index: str, authority: Path) -> list[Case]:
    """`index`: the address of a package index that shows a certificate of this authority."""
    debian_12 = Machine("bookworm", f"ca-certificates,{LIBRARIES}", python=Path(sys.base_prefix))
    debian_13 = Machine("trixie")
    person = replace(debian_13, user=USER, home=f"/{CHECKOUT}")
    service = replace(debian_13, user=USER, home=None)
    offline = replace(debian_13, offline=True)
    offline_12 = replace(debian_12, offline=True)
    nothing = replace(debian_13, packages="")
    company = {"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index}
    informed, uninformed = (replace(debian_13, authorities=known) for known in ((authority,), ()))
    run, quick = ("bin/run",), ("bin/test", "--quick", "tests/audit", "tests/keys")
    journey = ("bin/test", JOURNEY)
    passed = re.compile(r"\d+ passed").pattern
    no_network, no_python = "Setting up needs the network", "Hubportal needs Python 3.12 or newer and found none"
    no_trust = "a certificate that this machine does not trust"
    return [
        Case("Debian 12 with another Python, root", debian_12, run),
        Case("Debian 12 with another Python, root", debian_12, quick, passed),
        Case("Debian 12 with another Python, root", debian_12, journey, passed, may_install=True),
        Case("Debian 13, root", debian_13, run),
        Case("Debian 13, root", debian_13, quick, passed),
        Case("Debian 13, root", debian_13, journey, passed, may_install=True),
        Case("Debian 13, an ordinary user", person, run),
        Case("Debian 13, an ordinary user", person, quick, passed),
        Case("Debian 13, an ordinary user", person, journey, "As root: apt-get install", succeeds=False),
        Case("Debian 13, a service user without a home", service, run),
        Case("Debian 12, without network", offline_12, run, no_network, succeeds=False),
        Case("Debian 13, without network", offline, run, no_network, succeeds=False),
        Case("Debian 13, without network", offline, quick, no_network, succeeds=False),
        Case("Debian 13, a company's certificate, known to the system", informed, run, settings=company),
        Case(
            "Debian 13, a company's certificate, unknown", uninformed, run, no_trust, succeeds=False, settings=company
        ),
        Case("Debian 13 without Python", nothing, run, no_python, succeeds=False),
        Case("Debian 13 without Python", nothing, ("bin/lock",), no_python, succeeds=False),
    ]


def _try_command(case: Case) -> Outcome:
    began = time.monotonic()
    with started(case.machine, *case.command, **case.settings) as (run, upper):
        status = run.process.wait(PATIENCE)
        found = [line for line in run.lines if re.search(case.expected, line)]
        problems = [
            *_unless(bool(found), f"nobody said {case.expected!r}"),
            *_unless((status == 0) is case.succeeds, f"exit status {status}"),
            *([] if case.may_install else _traces(upper)),
        ]
        seen = found[-1] if found else (run.lines or [""])[-1]
        return Outcome("; ".join(problems), seen, time.monotonic() - began)


def _try_site(case: Case) -> Outcome:
    began = time.monotonic()
    port = free_port()
    with started(case.machine, *case.command, PORT=str(port), **case.settings) as (run, upper):
        hub = "Hubportal is at"
        _wait(lambda: run.process.poll() is not None or any(hub in line for line in run.lines))
        seconds = time.monotonic() - began
        if run.process.poll() is not None:
            return Outcome(f"exit status {run.process.returncode}", (run.lines or [""])[-1], seconds)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20) as answer:
            page = answer.read().decode()
        seen = next(line for line in run.lines if hub in line).replace(str(port), "8000")
        problems = [*_unless("<form" in page, "no page to sign in"), *_stop(run), *_traces(upper)]
        return Outcome("; ".join(problems), seen, seconds)


def _stop(run: Run) -> list[str]:
    status = run.stop()
    return [
        *_unless(status == 0, f"exit status {status} after SIGTERM"),
        *(["a traceback"] if _has_failed(run) else []),
    ]


def _has_failed(run: Run) -> bool:
    return any("Traceback" in line for line in run.lines)


def _traces(upper: Path) -> list[str]:
    written = written_elsewhere(upper)
    return [f"written outside the checkout: {', '.join(written[:3])} ({len(written)} in all)"] if written else []


def _unless(fine: bool, problem: str) -> list[str]:
    return [] if fine else [problem]


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done() and time.monotonic() < until:
        time.sleep(0.2)
