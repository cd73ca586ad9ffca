"""The troubles a prompt can ask for: one table that both drives the sandbox and is printed on its front page.

A trouble is a word in square brackets anywhere in the prompt, with an argument after it: `[slow 20]`. Several may
stand in one prompt. To add one, write a row that fills in some of its moments (`trouble.Trouble`).
"""

import re

from hubportal.sandbox.troubles.following import FOLLOWING
from hubportal.sandbox.troubles.images import IMAGES
from hubportal.sandbox.troubles.painting import PAINTING
from hubportal.sandbox.troubles.submitting import SUBMITTING
from hubportal.sandbox.troubles.trouble import Argument, Record, Trouble

__all__ = ["TROUBLES", "Argument", "Record", "Trouble", "asked_for"]

TROUBLES = (*PAINTING, *SUBMITTING, *FOLLOWING, *IMAGES)

_PATTERN = re.compile(r"\[(\w{1,20})(?: ([^\[\]]{0,200}))?\]")  # bounded: a prompt may be 32,000 brackets long
_BY_WORD = {trouble.word: trouble for trouble in TROUBLES}


def asked_for(prompt: str) -> list[tuple[Trouble, Argument]]:
    """The troubles a prompt asks for, in its order; other words in brackets are just words."""
    found = []
    for word, text in _PATTERN.findall(prompt):
        if trouble := _BY_WORD.get(word.lower()):
            example = trouble.example.strip('"')
            found.append((trouble, Argument(text.strip().strip('"') or example, example)))
    return found
