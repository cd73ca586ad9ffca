"""Parts of a page that were rendered before: rows and cards that nobody changed since.

A template keeps one by `{% cache SECONDS name key %}`; a view looks here first, and then need not even read from the
database what the part is made of. The key must hold all that the part depends on: the row and its version, what the
reader may do, and `reader_key` and `age_key`. What holds a form has a secret of its reader's in it, and is never kept.
"""

from collections.abc import Collection
from datetime import datetime

from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language


def find_fragments(name: str, keys: Collection[str]) -> dict[str, SafeString]:
    """The HTML kept under `name`, by key; a key that is empty, or under which nothing is kept, is not in it."""
    places = {make_template_fragment_key(name, [key]): key for key in keys if key}
    found = caches["template_fragments"].get_many(places)
    return {places[place]: SafeString(html) for place, html in found.items()}


def fragment_key(*parts: object) -> str:
    """One text of all that a part depends on; no two lists of parts have the same."""
    return repr([str(part) for part in parts])


def reader_key() -> str:
    """The reader's language and zone, in which words and times are."""
    return f"{get_language()} {timezone.get_current_timezone_name()}"


def age_key(moment: datetime) -> str:
    """Another text as soon as `ago` says something else of this moment: each second, minute, hour, at last day."""
    age = (timezone.now() - moment).total_seconds()
    unit = 1 if age < 60 else 60 if age < 3600 else 3600 if age < 7 * 86400 else 86400
    return f"{int(age // unit)}/{unit}"
