"""`python -m hubportal.sandbox --port 8900 --data DIR`: the sandbox as a process of its own."""

import argparse
import asyncio
import errno
import signal
import sqlite3
import sys
from pathlib import Path

from hubportal.sandbox.server import serving


def main() -> int:
    """Serve until SIGTERM or SIGINT. Gives the exit status: 1, with one sentence, when it can't start."""
    options = _parser().parse_args()
    try:
        asyncio.run(_serve(options))
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{_explain(error, options)}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hubportal.sandbox",
        description="A stand-in for GPT Image Hub: same API, its own pictures, credits worth nothing.",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder for its records, keys and pictures")
    parser.add_argument("--port", type=_port, default=8900, help="0 takes any free one (default: 8900)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--pace", type=float, default=4.0, help="seconds an ordinary generation takes (default: 4)")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535")
    return int(text)


async def _serve(options: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with serving(options.data, options.host, options.port, options.pace) as served:
        sys.stdout.write(f"Sandbox hub ready at {served.url}\n")
        sys.stdout.flush()
        await ended.wait()


def _explain(error: Exception, options: argparse.Namespace) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"Port {options.port} is already taken: stop what uses it, or choose another with --port."
    return f"The sandbox hub can't start: {getattr(error, 'strerror', None) or error}."


if __name__ == "__main__":
    sys.exit(main())
