"""Text as it is searched: without case, accents and the variants of a character, in every script.

What is stored for searching and what somebody types go through the same function, so no database needs to know how a
language compares. Unicode's own tables do most of it (NFKD, case folding); what they leave is listed here.
"""

import unicodedata

# Letters that Unicode does not take apart although people type them without the stroke or the dot.
_LETTERS = str.maketrans("đðħıłøŧ", "ddhilot") | str.maketrans({"æ": "ae", "œ": "oe", "þ": "th"})
# Marks of a lower combining class are letters of their own in their script: a nukta, a virama, a Japanese dakuten.
_FIRST_ACCENT_CLASS = 10


def fold(text: str) -> str:
    """`Cà phê ĐÁ` and `ca phe da` both give `ca phe da`; half-width and full-width forms give one form."""
    parts = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    plain = "".join(char for char in parts if unicodedata.combining(char) < _FIRST_ACCENT_CLASS)
    return unicodedata.normalize("NFKC", plain)
