"""`bin/run`: one site on one data folder, from the first check to Ctrl-C."""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Never

from hubportal.launcher.messages import StartupError, print_line
from hubportal.launcher.ports import answers, free_port, require_free_port, resolve_host
from hubportal.launcher.preparation import is_prepared, record_prepared
from hubportal.launcher.site_defaults import (
    ROOT,
    SiteConfig,
    apply_defaults,
    collect_static_files,
    url_of,
    use_sandbox_port,
)
from hubportal.launcher.supervisor import Supervisor

LOCK_TIMEOUT = 10.0  # seconds that the processes of a launcher that was killed may take to end
DEFAULT_SERVER_THREADS = "32"


def run_site() -> Never:
    """Ends only by StopRequested, or by a StartupError that says why."""
    config = apply_defaults()
    os.chdir(ROOT)
    collect_static_files(config)
    # What the processes print is passed on line by line, so it may not wait in their buffers.
    os.environ["PYTHONUNBUFFERED"] = "1"
    with _lock_data_folder(config) as lock:
        require_free_port(config.host, config.port)
        supervisor = Supervisor(lock)
        try:
            for line in _start(supervisor, config):
                print_line(line)
            supervisor.keep_running()
        finally:
            supervisor.stop()


def _start(supervisor: Supervisor, config: SiteConfig) -> list[str]:
    """Start every process once what it needs is ready; gives what the person should know."""
    if config.sandboxed:
        use_sandbox_port(config, free_port(config.port % 65535 + 1))
    prepared = is_prepared(config)
    if prepared:
        _start_web(supervisor, config)
    how_to_sign_in = _prepare(supervisor, config)
    if not prepared:
        _start_web(supervisor, config)
    for process in supervisor.processes:
        process.echo = True
    supervisor.start("worker", sys.executable, "manage.py", "dj_queue", "--mode", "async")
    site = f"Hubportal is at {os.environ['SITE_URL']}"
    return [site, *how_to_sign_in, _about_the_hub(config), "Ctrl-C stops everything."]


def _start_web(supervisor: Supervisor, config: SiteConfig) -> None:
    print_line("Starting the web server and the worker.")
    web = supervisor.start("web", *web_command(config))
    supervisor.wait_until(lambda: answers(config.reachable_host, config.port), web)


def _prepare(supervisor: Supervisor, config: SiteConfig) -> list[str]:
    """Start the sandbox hub, and make the database ready; gives how to sign in."""
    if config.sandboxed:
        print_line("Starting the sandbox hub.")
        port = os.environ["HUB_BASE_URL"].rpartition(":")[2]
        sandbox = (sys.executable, "-m", "hubportal.sandbox", "--port", port, "--data", str(config.sandbox_data))
        supervisor.start("sandbox", *sandbox, echo=False, is_dependency=True)
    print_line("Preparing the database; the first time this takes up to a minute on a slow machine.")
    demo = (str(config.demo_password_file),) if config.sandboxed else ()
    preparation = (sys.executable, "-m", "hubportal.launcher.prepare", *demo)
    how_to_sign_in = supervisor.wait_for_exit(supervisor.start("preparation", *preparation, echo=False))
    record_prepared(config)
    return how_to_sign_in


def web_command(config: SiteConfig) -> tuple[str, ...]:
    """The web server: one process, with a thread for each request at a time."""
    host, port = resolve_host(config.host), str(config.port)
    where = ("--interface", "wsgi", "--host", host, "--port", port, "--http", "1", "--no-ws")
    # More threads than processors, which granian warns of: most of them wait for slow senders or readers.
    threads = os.environ.get("GRANIAN_BLOCKING_THREADS") or DEFAULT_SERVER_THREADS
    size = ("--workers", "1", "--blocking-threads", threads, "--workers-kill-timeout", "5", "--log-level", "error")
    return (sys.executable, "-m", "granian", *where, *size, "hubportal.wsgi:application")


def _about_the_hub(config: SiteConfig) -> str:
    hub = os.environ["HUB_BASE_URL"]
    if config.sandboxed:
        return f"It talks to a sandbox hub at {hub}: pictures and credits are made up. HUB_BASE_URL names the real one."
    return f"It talks to the hub at {hub}: what you make there costs its credits."


@contextmanager
def _lock_data_folder(config: SiteConfig) -> Iterator[int]:
    """Lock the data folder for this launcher and, through the file descriptor it gives, for its watchdog."""
    with (config.data / "run.lock").open("a+") as lock:
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try_lock(lock.fileno()):
            lock.seek(0)
            owner, _, at = lock.read().partition(" ")
            if not _has_ended(owner) or time.monotonic() > deadline:
                raise StartupError(
                    f"Hubportal is already running on {config.data}, at {at}: stop that one first, or name another data"
                    " folder in HUBPORTAL_DATA."
                )
            time.sleep(0.1)
        lock.truncate(0)
        lock.write(f"{os.getpid()} {url_of(config.reachable_host, config.port)}")
        lock.flush()
        yield lock.fileno()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _has_ended(owner: str) -> bool:
    """Whether the launcher with this process id is gone, so that only its watchdog still has the lock."""
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    except (ValueError, PermissionError):
        return False
    return False
