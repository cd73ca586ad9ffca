"""`python -m bench.follow.recording_hub FOLDER PORT LOOKS`: a sandbox process that records every poll.

A line of the file LOOKS is a time in seconds since 1970 and the hub's id of what was polled.
"""

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

from hubportal.sandbox.hub import SandboxState
from hubportal.sandbox.records import Key
from hubportal.sandbox.server import serving

PACE = 1.0  # seconds; every prompt of this benchmark says its own


def record_polls(looks: TextIO) -> None:
    """Let the sandbox, which counts what a key is used for, also write down when."""
    count = SandboxState.count

    def counted(parts: SandboxState, key: Key, what: str) -> None:
        count(parts, key, what)
        looks.write(f"{time.time():.3f} {what}\n")

    SandboxState.count = counted  # type: ignore[assignment,method-assign]


async def serve(folder: Path, port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with serving(folder, "127.0.0.1", port, PACE):
        await ended.wait()


def main(folder: str, port: str, looks: str) -> None:
    with Path(looks).open("w", buffering=1) as file:
        record_polls(file)
        asyncio.run(serve(Path(folder), int(port)))


if __name__ == "__main__":
    main(*sys.argv[1:])
