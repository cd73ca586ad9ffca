"""What one generation costs the worker: CPU seconds for sending, looking, and keeping one picture of 1024 x 1024."""

import argparse
import time

from bench.environment import Place
from bench.process import cpu_seconds, running
from bench.report import Line, share
from bench.site import Cast, found, sandbox, submit, wait_for, worker
from hubportal.generations.models import Generation, Image, State
from hubportal.imaging import make_thumbnail

COUNT = 60
EVERY = 0.5  # seconds between two submissions
PACE = 4.0  # seconds a painting takes
WARM_UP = 4
IDLE = 15.0  # seconds


def run(place: Place, _: argparse.Namespace) -> list[Line]:
    with sandbox(place, PACE) as (_hub, secret):
        cast = found(secret)
        with running(worker(place)) as process:
            _work(cast, WARM_UP)
            idle = _busy(process.pid, IDLE)
            began, before = time.monotonic(), cpu_seconds(process.pid)
            _work(cast, COUNT)
            spent = cpu_seconds(process.pid) - before - idle * (time.monotonic() - began)
    each, thumb = spent / COUNT, _thumbnail_seconds()
    return [
        Line("cpu.generation", each, thumb, "s", None, "CPU of the worker for one, against one thumbnail of 1024 px"),
        Line("cpu.thumbnails", thumb, each, "s", None, "and so their share of it"),
        Line("cpu.idle", idle, 1.0, "s", None, "CPU of a worker without work, in each second"),
    ]


def _work(cast: Cast, count: int) -> None:
    for number in range(count):
        submit(cast, f"A harbour at dusk, number {number}", size="1024x1024")
        time.sleep(EVERY)
    wait_for(lambda: not Generation.objects.exclude(state=State.SUCCEEDED).exists(), "all to be done")


def _busy(pid: int, seconds: float) -> float:
    """The share of one core that the process takes."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


def _thumbnail_seconds() -> float:
    """CPU seconds for one thumbnail, at the median over pictures just kept."""
    taken = []
    for image in Image.objects.exclude(kept_at=None)[:20]:
        with image.original.open() as file:
            began = time.process_time()
            make_thumbnail(file)
            taken.append(time.process_time() - began)
    return share(taken, 0.5)
