"""What people are told of keys: of their health (health.py), and of changes to them (changes.py).

Whole sentences with named placeholders; the facts come from elsewhere. No sentence ever quotes a secret.
"""

from django.utils.translation import pgettext


def join_sentences(first: str, *others: str) -> str:
    """Several whole sentences, one after the other, as the reader's language sets them."""
    for other in others:
        first = pgettext("one sentence after another", "{first} {second}").format(first=first, second=other)
    return first
