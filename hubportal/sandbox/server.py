"""Starting and stopping a sandbox: as a process of its own (see `__main__`) or beside a test, in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hubportal.sandbox import api, web_page
from hubportal.sandbox.hub import HUB, STATE, SandboxHub, SandboxState, load_demo_keys


@dataclass(frozen=True, slots=True)
class ServedSandbox:
    """A sandbox that is served at `url`."""

    url: str
    hub: SandboxHub


@asynccontextmanager
async def serving(data: Path, host: str, port: int, pace: float) -> AsyncIterator[ServedSandbox]:
    """Serve from the folder `data` until the block ends; port 0 takes any. Raises OSError when it can't."""
    state = SandboxState.open(data, pace)
    hub = SandboxHub(state, load_demo_keys(data, state.accounts))
    app_runner = web.AppRunner(_application(state, hub), access_log=None, shutdown_timeout=1.0)
    await app_runner.setup()
    try:
        site = web.TCPSite(app_runner, host, port)
        await site.start()
        state.runner.resume_all()
        name = f"[{host}]" if ":" in host else host
        yield ServedSandbox(f"http://{name}:{app_runner.addresses[0][1]}", hub)
    finally:
        await app_runner.cleanup()
        state.database.close()


def _application(state: SandboxState, hub: SandboxHub) -> web.Application:
    app = web.Application(middlewares=[api.respond_with_envelopes], client_max_size=1024 * 1024)
    app[STATE] = state
    app[HUB] = hub
    app.on_response_prepare.append(api.add_sandbox_header)
    app.on_shutdown.append(_stop_generations)
    app.add_routes([*api.routes, *web_page.routes])
    return app


async def _stop_generations(app: web.Application) -> None:
    await app[STATE].runner.close()


class RunningSandbox:
    """A sandbox in a background thread of this process, at `url`; `hub` is the handle to its inside."""

    def __init__(self, served: ServedSandbox, thread: threading.Thread, end: Callable[[], object]) -> None:
        self.url, self.hub = served.url, served.hub
        self._thread, self._end = thread, end

    @classmethod
    def start(cls, data: Path, *, host: str = "127.0.0.1", port: int = 0, pace: float = 0.05) -> "RunningSandbox":
        """Start one and wait until it responds. `pace` is how many seconds a generation takes. Raises OSError."""
        started: Future[tuple[ServedSandbox, Callable[[], object]]] = Future()
        work = _serve_until_ended(started, data, host, port, pace)
        thread = threading.Thread(target=asyncio.run, args=(work,), name="sandbox", daemon=True)
        thread.start()
        served, end = started.result()
        return cls(served, thread, end)

    def stop(self) -> None:
        """Stop it and wait until its port is free; what is unfinished is resumed at the next start."""
        if self._thread.is_alive():
            self._end()
            self._thread.join()


async def _serve_until_ended(
    started: "Future[tuple[ServedSandbox, Callable[[], object]]]", data: Path, host: str, port: int, pace: float
) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    try:
        async with serving(data, host, port, pace) as served:
            started.set_result((served, lambda: loop.call_soon_threadsafe(ended.set)))
            await ended.wait()
    except Exception as error:
        if started.done():
            raise
        started.set_exception(error)
