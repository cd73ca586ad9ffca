"""Starting and stopping a sandbox: as a process of its own (see `__main__`) or beside a test, in a thread."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hubportal.sandbox import api, front
from hubportal.sandbox.hub import SandboxHub
from hubportal.sandbox.parts import PARTS, Parts
from hubportal.sandbox.ready_keys import ready_keys


@dataclass(frozen=True, slots=True)
class Served:
    """A sandbox that answers at `url`."""

    url: str
    hub: SandboxHub


@asynccontextmanager
async def serving(data: Path, host: str, port: int, pace: float) -> AsyncIterator[Served]:
    """Serve from the folder `data` until the block ends; port 0 takes any. Raises OSError when it can't."""
    parts = Parts.open(data, pace)
    hub = SandboxHub(parts, ready_keys(data, parts.accounts))
    runner = web.AppRunner(_application(parts, hub), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        parts.painter.carry_on()
        name = f"[{host}]" if ":" in host else host
        yield Served(f"http://{name}:{runner.addresses[0][1]}", hub)
    finally:
        await runner.cleanup()
        parts.database.close()


def _application(parts: Parts, hub: SandboxHub) -> web.Application:
    app = web.Application(middlewares=[api.speak_in_envelopes], client_max_size=1024 * 1024)
    app[PARTS] = parts
    app[front.HUB] = hub
    app.on_response_prepare.append(api.sign)
    app.on_shutdown.append(_put_down_brushes)
    app.add_routes([*api.routes, *front.routes])
    return app


async def _put_down_brushes(app: web.Application) -> None:
    await app[PARTS].painter.close()


class RunningSandbox:
    """A sandbox in a background thread of this process, at `url`; `hub` is its inside."""

    def __init__(self, served: Served, thread: threading.Thread, end: Callable[[], object]) -> None:
        self.url, self.hub = served.url, served.hub
        self._thread, self._end = thread, end

    @classmethod
    def start(cls, data: Path, *, host: str = "127.0.0.1", port: int = 0, pace: float = 0.05) -> "RunningSandbox":
        """Returns when it answers. `pace` is how many seconds an ordinary painting takes. Raises OSError."""
        started: Future[tuple[Served, Callable[[], object]]] = Future()
        work = _serve_until_ended(started, data, host, port, pace)
        thread = threading.Thread(target=asyncio.run, args=(work,), name="sandbox", daemon=True)
        thread.start()
        served, end = started.result()
        return cls(served, thread, end)

    def stop(self) -> None:
        """Returns when the port is free and the records are closed; what is unfinished carries on at the next start."""
        if self._thread.is_alive():
            self._end()
            self._thread.join()


async def _serve_until_ended(
    started: "Future[tuple[Served, Callable[[], object]]]", data: Path, host: str, port: int, pace: float
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
