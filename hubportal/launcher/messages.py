"""What the launcher says to the person at the terminal, and the two ways it ends early."""

import secrets
import sys
from contextlib import suppress
from typing import TextIO

NOUNS = """
amber apple aspen badge basil beach birch bloom brook cedar chalk cider clay cloud clover coral daisy delta
dune eagle ember fern field flint forest frost garden ginger glade grain harbor hazel heron honey island ivory
jade juniper kettle lagoon lantern lemon lilac linen maple marble meadow mint mosaic moss ocean olive orchid
otter pebble pepper pine plum poppy prairie quartz quill raven reed river robin saffron sage sail sand silver
slate sparrow spruce stone summer thistle timber topaz tulip valley velvet violet walnut willow winter wren
"""


class Refusal(Exception):
    """The site can't be started, or not be kept up. Says in plain words why, and what to do."""


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal: an order and no error, so `except Exception` lets it through."""


def say(words: str) -> None:
    _write(words, sys.stdout)


def complain(words: str) -> None:
    _write(words, sys.stderr)


def pass_phrase() -> str:
    """Easy to read off a screen and to type; it opens the demo team alone."""
    return "-".join([*(secrets.choice(NOUNS.split()) for _ in range(3)), str(10 + secrets.randbelow(90))])


def _write(words: str, stream: TextIO) -> None:
    # Whole lines at once, for several threads speak; and neither a closed pipe (`bin/run | head`) nor a terminal that
    # lacks a letter may take the site down.
    with suppress(OSError):
        stream.buffer.write(f"{words}\n".encode(stream.encoding, "replace"))
        stream.buffer.flush()
