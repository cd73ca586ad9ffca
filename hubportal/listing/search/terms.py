"""The terms of a text: what the index holds of it and what a search asks for, made by the same functions.

A word can be found by its first two characters and more. Scripts that are written without spaces (Chinese, Japanese,
Thai, Khmer and others) give single characters and overlapping pairs.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from hubportal.listing.folding import fold

# Words are compared up to this many characters, or a long one would cost as many terms.
MAX_PREFIX = 12
MIN_PREFIX = 2
# What a document holds at most, in bytes: PostgreSQL takes a megabyte, with the scope that each term begins with. Of a
# text of 32,000 rare characters the end is not found.
MAX_BYTES, SCOPE_BYTES = 800_000, 24
# Longer runs than words are seen once, and would fill the memory.
MAX_KEPT_RUN = 40
_PAIRED_SCRIPTS = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF)),  # Thai and Lao, Burmese, Khmer
    *((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3040, 0x312F), (0x31A0, 0x31FF)),  # radicals, kana, bopomofo
    *((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)),  # Han
)
# Put before each character of a paired script; no text has it left after folding into _Separated.
_MARK = "\0"
_RUNS = re.compile(f"(?:{_MARK}.)+|[^{_MARK} ]+")


class _Separated(dict[int, str]):
    """What each character becomes: itself in a word, marked in a paired script, spaces between words."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        if category == "So":
            found = f" {char} "
        elif category[0] not in "LMN":
            found = " "
        else:
            found = _MARK + char if any(first <= code <= last for first, last in _PAIRED_SCRIPTS) else char
        self[code] = found
        return found


_SEPARATED = _Separated()


def terms_of_text(text: str) -> set[str]:
    """All terms by which a text can be found."""
    found: set[str] = set()
    size = 0
    # In the order of the text: the same text has the same terms in every process.
    for run in dict.fromkeys(_runs(text)):
        for term in _kept_terms(run) if len(run) <= MAX_KEPT_RUN else _terms_of_run(run):
            if term not in found:
                size += len(term.encode()) + SCOPE_BYTES
                if size > MAX_BYTES:
                    return found
                found.add(term)
    return found


def terms_of_search(text: str) -> set[str]:
    """The terms that a text must have to be found by these words; none where there is nothing to look for."""
    found: set[str] = set()
    for run in _runs(text):
        if not run.startswith(_MARK):
            found.add(run[:MAX_PREFIX])
        else:
            chars = run.replace(_MARK, "")
            found.update([chars[at : at + 2] for at in range(len(chars) - 1)] or [chars])
    return found


def _runs(text: str) -> Iterator[str]:
    """Words, and runs of characters of paired scripts, marked."""
    return (found[0] for found in _RUNS.finditer(fold(text).translate(_SEPARATED)))


def _terms_of_run(run: str) -> tuple[str, ...]:
    if not run.startswith(_MARK):
        return tuple(run[:end] for end in range(min(MIN_PREFIX, len(run)), min(len(run), MAX_PREFIX) + 1))
    chars = run.replace(_MARK, "")
    # One after the other, so that of a text that is cut both are there.
    return tuple(term for at in range(len(chars)) for term in (chars[at], chars[at : at + 2]))


_kept_terms = lru_cache(maxsize=4096)(_terms_of_run)
