"""Sixteen references of 50 MB from a browser's form through the web process and the worker to the hub: how much of
them is ever in memory?

Each is a real picture of 16.6 million pixels, so its thumbnail counts as well. Memory is the peak of the resident set
(VmHWM), against what the process had after one small generation with one small reference had warmed everything up.
"""

import argparse
import uuid
from collections.abc import Sequence
from pathlib import Path

from PIL import Image as Pillow

from bench.browser import Browser
from bench.environment import BenchEnvironment
from bench.process import peak_bytes, reset_peak, resident_bytes
from bench.report import Line
from bench.site import MODEL, OWNER, PASSWORD, create_team, sandbox, wait_for, whole_site
from bench.thumbnails import write_large_png
from hubportal.generations.models import Generation, ReferenceFile, State
from hubportal.sandbox.records import Reference

COUNT = 16
BOUND = 64.0  # MB
MB = 10**6
ASKED = {"model": MODEL, "size": "1024x1024", "quality": "auto", "n": "1", "visibility": "team"}


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    small, large = _small(env.data), _large(env.data)
    with sandbox(env, pace=1.0) as (hub, secret):
        bench_team = create_team(secret)
        with whole_site(env) as site:
            browser = Browser(env.port)
            browser.sign_in(OWNER, PASSWORD)
            path = f"/t/{bench_team.team.slug}/generations/"
            _make(browser, path, [small])
            before = {pid: _remember(pid) for pid in [*site.web, *site.worker]}
            seconds = _make(browser, path, large)
            growth = {pid: (peak_bytes(pid) - had) / MB for pid, had in before.items()}
            _check(hub.hub.generations(secret)[-1].references, large)
    web, worker = (sum(growth[pid] for pid in pids) for pids in (site.web, site.worker))
    about = f"{COUNT} files of {large[0].stat().st_size / MB:.1f} MB, taken in within {seconds:.1f} s"
    return [
        Line("references.web", web, BOUND, "MB", 1.0, about),
        Line("references.worker", worker, BOUND, "MB", 1.0, "sent on, and their thumbnails made"),
    ]


def _small(folder: Path) -> Path:
    path = folder / "small.png"
    Pillow.new("RGB", (256, 256), "teal").save(path)
    return path


def _large(folder: Path) -> list[Path]:
    paths = [folder / f"large-{number}.png" for number in range(COUNT)]
    for number, path in enumerate(paths):
        write_large_png(path, number)
    return paths


def _make(browser: Browser, path: str, files: list[Path]) -> float:
    """One generation with these references, to its end. Gives the seconds that the form's answer took."""
    fields = {**ASKED, "prompt": "After these", "token": str(uuid.uuid4())}
    seconds = browser.upload(path, fields, files, 302)
    wait_for(_is_done, "the generation and every thumbnail", seconds=300)
    return seconds


def _is_done() -> bool:
    unfinished = Generation.objects.exclude(state=State.SUCCEEDED).exists()
    return not unfinished and not ReferenceFile.objects.without_thumb().exists()


def _remember(pid: int) -> int:
    reset_peak(pid)
    return resident_bytes(pid)


def _check(arrived: Sequence[Reference], sent: list[Path]) -> None:
    """What the hub got must be what was uploaded, or the measurement is of nothing."""
    sizes = [file.stat().st_size for file in sent]
    if [reference.size for reference in arrived] != sizes:
        raise ValueError(f"the hub got {[reference.size for reference in arrived]} bytes, not {sizes}")
