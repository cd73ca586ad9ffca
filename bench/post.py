"""How long a person waits after pressing the button, while the hub takes ten seconds to answer the worker.

Held against a bare Django form POST that inserts one row (bench/plain), with the same database settings and the same
server with the same arguments. The three kinds of request take turns, so that whatever else the machine does meets all
of them; while it is the reference's turn our worker is stopped, for what that takes of the machine is ours.
"""

import argparse
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bench.browser import Browser
from bench.environment import ROOT, BenchEnvironment
from bench.process import Process, running
from bench.report import Line, quantile
from bench.site import OWNER, PASSWORD, create_team, sandbox_process, wait_for, whole_site
from hubportal.generations.models import Generation, State
from hubportal.launcher.ports import answers

ROUNDS = 300
WARM_UP = 20
ASKED = {
    "prompt": "A harbour at dusk [lateanswer 10]",
    "model": "gpt-image-2",
    "size": "1024x1024",
    "quality": "auto",
    "n": "1",
    "visibility": "team",
}


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    with sandbox_process(env, pace=1.0) as secret:
        bench_team = create_team(secret)
        with whole_site(env) as site, plain_site(env, site.web_command) as bare:
            ours = Browser(env.port)
            ours.sign_in(OWNER, PASSWORD)
            path = f"/t/{bench_team.team.slug}/generations/"
            _take_turns(path, ours, bare, site.worker, WARM_UP)
            wait_for(lambda: Generation.objects.filter(state=State.SENDING).exists(), "the hub to be slow")
            carded, redirected, plain = zip(*_take_turns(path, ours, bare, site.worker, ROUNDS), strict=True)
    reference = quantile(plain, 0.95)
    return [
        Line("post.p95", quantile(carded, 0.95), reference, "s", 3.0, "answered with a card, as scripts ask for"),
        Line("post.p95-plain", quantile(redirected, 0.95), reference, "s", 3.0, "answered with a redirect"),
        Line("post.median", quantile(carded, 0.5), quantile(plain, 0.5), "s", None, "with a card"),
    ]


def _take_turns(
    path: str, ours: Browser, bare: Browser, worker: list[int], rounds: int
) -> list[tuple[float, float, float]]:
    """Seconds for each of the three, in every round."""
    return [
        (
            ours.post(path, _fields(), 200, htmx=True),
            ours.post(path, _fields(), 302),
            _undisturbed(worker, lambda: bare.post("/prompts/", ASKED, 302)),
        )
        for _ in range(rounds)
    ]


def _undisturbed(worker: list[int], post: Callable[[], float]) -> float:
    for pid in worker:
        os.kill(pid, signal.SIGSTOP)
    try:
        return post()
    finally:
        for pid in worker:
            os.kill(pid, signal.SIGCONT)


def _fields() -> dict[str, str]:
    """A form's token is good for one order."""
    return {**ASKED, "token": str(uuid.uuid4())}


@contextmanager
def plain_site(env: BenchEnvironment, web_command: list[str]) -> Iterator[Browser]:
    """The reference, served as the site is, and somebody signed in there."""
    environment = env.variables | {
        "DJANGO_SETTINGS_MODULE": "bench.plain.settings",
        "DATABASE_URL": env.second_database(),
    }
    prepare = [sys.executable, "-m", "bench.plain.prepare"]
    done = subprocess.run(  # noqa: S603 - a command of ours
        prepare, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    command = [str(env.spare_port) if word == str(env.port) else word for word in web_command]
    command[-1] = "bench.plain.wsgi:application"
    with running(Process(command, env=environment, output=env.output)):
        wait_for(lambda: answers("127.0.0.1", env.spare_port), "the reference")
        browser = Browser(env.spare_port, {"sessionid": done.stdout.strip()})
        browser.get("/prompts/")
        yield browser
