"""Reading what people paste: e-mail addresses among commas, lines, names and angle brackets."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

MAX_LENGTH = 254  # of User.email; RFC 5321, 4.5.3.1.3 allows no more either
QUOTED = re.compile(r'"[^"]*"')
PARTS = re.compile(r"[,;\n\r\t]+")
BRACKETED = re.compile(r"<([^<>]*)>")
SURROUNDING = "'\"()[]<>.:"


def read_addresses(pasted: str) -> list[str]:
    """Each word that should be an address, in lower case, in the order given; a name before `<…>` is left out."""
    return [word.lower() for part in PARTS.split(QUOTED.sub(" ", pasted)) for word in _words(part)]


def _words(part: str) -> list[str]:
    bracketed = BRACKETED.findall(part)
    rest = BRACKETED.sub(" ", part).split()
    words = [word for word in rest if "@" in word or not bracketed] + bracketed
    bare = (word.strip().removeprefix("mailto:").strip(SURROUNDING) for word in words)
    return [word for word in bare if word]


def is_address(word: str) -> bool:
    """Whether mail can be sent there, as far as its look tells."""
    try:
        EmailValidator()(word)
    except ValidationError:
        return False
    return len(word) <= MAX_LENGTH
