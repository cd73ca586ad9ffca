"""What a picture is called when somebody saves it."""

import re
import unicodedata
from collections import Counter
from urllib.parse import quote

MAX_WORDS = 6
# With four bytes a character and the rest of the name this stays under the 255 bytes of most file systems.
MAX_CHARACTERS = 60
# Of a prompt of thousands of characters the beginning is enough.
MAX_READ = 400
NAMELESS = "picture"
ASCII_WORD = re.compile("[A-Za-z0-9]+")


def slug(text: str) -> str:
    """The first words of a text, of letters, marks and digits in any script alone, joined by hyphens."""
    beginning = text[:MAX_READ]
    # Asking of each character what it is takes longer than all else that a thumbnail does.
    words = ASCII_WORD.findall(beginning) if beginning.isascii() else _words(beginning)
    return "-".join(words[:MAX_WORDS])[:MAX_CHARACTERS].strip("-")


def _words(text: str) -> list[str]:
    return "".join(map(_letter, unicodedata.normalize("NFC", text))).split()


def _letter(character: str) -> str:
    category = unicodedata.category(character)
    # Joiners and direction marks stand inside words; in a file name they are invisible and can turn it round.
    return character if category[0] in "LMN" else "" if category == "Cf" else " "


def content_disposition(text: str, suffix: str, *, attachment: bool, place: int | None = None) -> str:
    """The header for a file named after a text and its place: in plain ASCII, and as it is (RFC 6266, 4.3)."""
    ending = f"{'' if place is None else f'-{place}'}.{suffix}"
    plain = slug(unicodedata.normalize("NFKD", text[:MAX_READ]).encode("ascii", "ignore").decode())
    name, fallback = ((slug(text) or NAMELESS) + ending, (plain or NAMELESS) + ending)
    header = f'{"attachment" if attachment else "inline"}; filename="{fallback}"'
    return header if name == fallback else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


class UniqueNames:
    """Names of files that lie in one folder: of the words and a number, so that none is another's on any system.

    Windows and macOS take capitals for small letters, and macOS a composed letter for the same in parts. Names that
    Windows keeps to itself (CON, NUL) don't end in a number; what it forbids in names is no letter (`slug`).
    """

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()

    def name(self, text: str, suffix: str) -> str:
        words = slug(text) or NAMELESS
        like = unicodedata.normalize("NFC", words.casefold())
        self._numbers[like] += 1
        return f"{words}-{self._numbers[like]}.{suffix}"
