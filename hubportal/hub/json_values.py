"""Reading JSON values that may be anything: each reader gives a usable value or a plain "nothing", and never
raises.

The hub's answers are documented by example only (hub-api.md, Open), and what is read here ends in a database
and on a page: text comes without NUL and lone surrogates, numbers are bounded, times are aware and in UTC.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

MAX_CREDITS = 1_000_000_000
# NUL and the other controls (PostgreSQL stores no NUL), and halves of surrogate pairs (UTF-8 has no way to
# write them).
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mapping(value: Any) -> Mapping[str, Any]:
    """A JSON object with its keys made equal: `account_type` and `accountType` become `accounttype`."""
    if not isinstance(value, dict):
        return {}
    return {re.sub(r"[_\- ]", "", str(key)).lower(): item for key, item in value.items()}


def first(fields: Mapping[str, Any], *names: str) -> Any:
    """The first of these fields that is there and not null."""
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def items(value: Any) -> list[Any]:
    """A JSON list; anything else is an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any, limit: int = 200) -> str:
    """Text on one line, cut at `limit` characters; "" for what is neither text nor a number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        return " ".join(_UNSTORABLE.sub("", str(value)).split())[:limit].strip()
    except ValueError:  # an integer of more digits than Python is willing to write
        return ""


def whole(value: Any, most: int = MAX_CREDITS) -> int | None:
    """A whole number from 0 to `most`, also as 8.0 or "8"; None for true, 7.5, -1, NaN and the absurd."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None


def moment(value: Any) -> datetime | None:
    """An aware UTC time from ISO 8601 (no zone means UTC) or from seconds or milliseconds since 1970."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return _EPOCH + timedelta(seconds=value / 1000 if abs(value) > 1e11 else value)
    except (ValueError, OverflowError):
        return None
    return None


def web_address(value: Any, relative_to: str = "") -> str:
    """An http or https address of a plausible length, or ""; a relative one only as `relative_to` completes it."""
    address = value.strip() if isinstance(value, str) else ""
    # Before it is joined: that drops line breaks.
    if not address or re.search(r"[\s\\]", address) or _UNSTORABLE.search(address):
        return ""
    try:
        address = urljoin(relative_to, address)
    except ValueError:  # the brackets of an IPv6 address, wrongly used
        return ""
    return address if re.match(r"https?://[^/?#]", address, re.IGNORECASE) and len(address) <= 4096 else ""
