"""What the launcher tells the person at the terminal, and the two ways in which it ends early."""

import secrets
import sys
from contextlib import suppress
from typing import TextIO

WORDS = """
amber apple aspen badge basil beach birch bloom brook cedar chalk cider clay cloud clover coral daisy delta
dune eagle ember fern field flint forest frost garden ginger glade grain harbor hazel heron honey island ivory
jade juniper kettle lagoon lantern lemon lilac linen maple marble meadow mint mosaic moss ocean olive orchid
otter pebble pepper pine plum poppy prairie quartz quill raven reed river robin saffron sage sail sand silver
slate sparrow spruce stone summer thistle timber topaz tulip valley velvet violet walnut willow winter wren
"""


class StartupError(Exception):
    """The site can't be started, or not be kept up. Says in plain words why, and what to do."""


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal: not an error, so `except Exception` lets it through."""


def print_line(text: str) -> None:
    _write(text, sys.stdout)


def print_error(text: str) -> None:
    _write(text, sys.stderr)


def make_passphrase() -> str:
    """The demo team's password: easy to read off a screen and to type."""
    return "-".join([*(secrets.choice(WORDS.split()) for _ in range(3)), str(10 + secrets.randbelow(90))])


def _write(text: str, stream: TextIO) -> None:
    # Whole lines at once, since several threads write; and neither a closed pipe (`bin/run | head`) nor a terminal
    # that lacks a letter may take the site down.
    with suppress(OSError):
        stream.buffer.write(f"{text}\n".encode(stream.encoding, "replace"))
        stream.buffer.flush()
