"""What one generation costs the worker: CPU seconds for sending, looking, and keeping one picture of 1024 x 1024."""

import argparse
import time

from bench.environment import BenchEnvironment
from bench.process import cpu_seconds, running
from bench.report import Line, quantile
from bench.site import BenchTeam, create_team, sandbox, start_worker, submit, wait_for
from hubportal.generations.models import Generation, Image, State
from hubportal.imaging import make_thumbnail

COUNT = 60
INTERVAL = 0.5  # seconds between two submissions
PACE = 4.0  # seconds a generation takes
WARM_UP = 4
IDLE = 15.0  # seconds


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    with sandbox(env, PACE) as (_hub, secret):
        bench_team = create_team(secret)
        with running(start_worker(env)) as process:
            _work(bench_team, WARM_UP)
            idle = _busy(process.pid, IDLE)
            began, before = time.monotonic(), cpu_seconds(process.pid)
            _work(bench_team, COUNT)
            spent = cpu_seconds(process.pid) - before - idle * (time.monotonic() - began)
    each, thumb = spent / COUNT, _thumbnail_seconds()
    return [
        Line("cpu.generation", each, thumb, "s", None, "CPU of the worker for one, against one thumbnail of 1024 px"),
        Line("cpu.thumbnails", thumb, each, "s", None, "and so their share of it"),
        Line("cpu.idle", idle, 1.0, "s", None, "CPU of a worker without work, in each second"),
    ]


def _work(bench_team: BenchTeam, count: int) -> None:
    for number in range(count):
        submit(bench_team, f"A harbour at dusk, number {number}", size="1024x1024")
        time.sleep(INTERVAL)
    wait_for(lambda: not Generation.objects.exclude(state=State.SUCCEEDED).exists(), "all to be done", seconds=300)


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
    return quantile(taken, 0.5)
