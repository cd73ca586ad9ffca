"""Reading JSON values of any kind: each reader gives a usable value or a plain "nothing", and never raises.

The hub's answers are documented by example only (hub-api.md, Open), and what is read here is stored in a database
and shown on a page: text has no NUL and no lone surrogates, numbers are bounded, times are aware and in UTC.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

MAX_CREDITS = 1_000_000_000
MAX_URL_LENGTH = 4096  # characters
# NUL and the other controls (PostgreSQL stores no NUL), and halves of surrogate pairs (UTF-8 can't encode them).
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM = 1e11  # as seconds this would be the year 5138, so a number so large counts milliseconds


def read_object(value: Any) -> Mapping[str, Any]:
    """A JSON object with normalised keys: `account_type` and `accountType` become `accounttype`; else empty."""
    if not isinstance(value, dict):
        return {}
    return {re.sub(r"[_\- ]", "", str(key)).lower(): item for key, item in value.items()}


def first_of(fields: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that is there and not null, or None."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def read_list(value: Any) -> list[Any]:
    """A JSON list; anything else is an empty one."""
    return value if isinstance(value, list) else []


def read_text(value: Any, limit: int = 200) -> str:
    """Text on one line, cut at `limit` characters; "" for what is neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return " ".join(_UNSTORABLE.sub("", str(value)).split())[:limit].strip()
    except ValueError:  # an integer of more digits than Python is willing to write
        return ""


def read_int(value: Any, maximum: int = MAX_CREDITS) -> int | None:
    """A whole number from 0 to `maximum`, also as 8.0 or "8"; None for true, 7.5, -1, NaN and anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= maximum else None


def read_time(value: Any) -> datetime | None:
    """An aware UTC time from ISO 8601 (no zone means UTC) or from seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            time = datetime.fromisoformat(value.strip())
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return _EPOCH + timedelta(seconds=value / 1000 if abs(value) > _MILLISECONDS_FROM else value)
    except (ValueError, OverflowError):
        return None
    return None


def read_url(value: Any, base_url: str = "") -> str:
    """An http or https URL of at most 4,096 characters, or ""; a relative one is resolved against `base_url`."""
    url = value.strip() if isinstance(value, str) else ""
    # Checked before it is resolved, since urljoin drops line breaks.
    if not url or re.search(r"[\s\\]", url) or _UNSTORABLE.search(url):
        return ""
    try:
        url = urljoin(base_url, url)
    except ValueError:  # the brackets of an IPv6 address, wrongly used
        return ""
    return url if re.match(r"https?://[^/?#]", url, re.IGNORECASE) and len(url) <= MAX_URL_LENGTH else ""
