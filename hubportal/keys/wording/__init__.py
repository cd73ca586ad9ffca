"""What people are told of keys: of their health (health.py), and of changes to them (changes.py).

Whole sentences with named placeholders; the facts come from elsewhere. No sentence ever quotes a secret.
"""

from functools import reduce

from django.utils.translation import pgettext


def join_sentences(*sentences: object) -> str:
    """Whole sentences, one after the other, as the reader's language sets them; those that are empty are left out."""
    texts = [text for sentence in sentences if (text := str(sentence))]
    return reduce(_join, texts or [""])


def _join(first: str, second: str) -> str:
    # Translators: languages without spaces leave the space out.
    return pgettext("one sentence after another", "{first} {second}").format(first=first, second=second)
