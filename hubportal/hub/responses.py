"""From an HTTP response to its JSON payload, or to one of our errors.

Whether a response is the hub's own is decided here and nowhere else, since for a POST it decides about money. The
hub's error envelope is a clear refusal; anything else that is not a 2xx in JSON came from a proxy in front of the
hub, and then nobody knows what the hub did (hub-api.md, Open).
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from hubportal.hub.errors import (
    HubBusy,
    HubError,
    HubGarbled,
    HubRefused,
    KeyRejected,
    NotFound,
    OutOfCredits,
)
from hubportal.hub.records import read_error

MAX_RETRY_AFTER: Final = 24 * 3600.0  # seconds

# hub-api.md, Errors. The code decides; for a code that is not listed the status does.
_BY_CODE: Final[dict[str, type[HubRefused]]] = {
    "missingApiKey": KeyRejected,
    "invalidApiKey": KeyRejected,
    "expiredApiKey": KeyRejected,
    "insufficientCredits": OutOfCredits,
    "notFound": NotFound,
}
_BY_STATUS: Final[dict[int, type[HubRefused]]] = {401: KeyRejected, 402: OutOfCredits, 404: NotFound}

# The hub's codes are words like `invalid_request` and `generationFailed`. Hosting platforms answer in the same
# envelope, but with 502 or FUNCTION_INVOCATION_TIMEOUT for a code; taking such a timeout for the hub's refusal would
# count a charged generation as free.
_HUB_CODE = re.compile(r"[a-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class HubResponse:
    """A complete HTTP response: status, headers (case-insensitive), body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_payload(response: HubResponse) -> Any:
    """The JSON of a 2xx. The record of a failed generation has an `error` too, but also an id, and is no refusal.

    Raises HubBusy (429), HubRefused and its subclasses (the hub's own envelope) or HubGarbled (anything else).
    """
    try:
        payload = json.loads(response.body)
    except (ValueError, RecursionError):
        payload = None
    code, message = _envelope(payload)
    refused = code and "id" not in payload
    if 200 <= response.status < 300 and payload is not None and not refused:
        return payload
    raise _error_of(response, code, message)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3); at most a day.

    A fraction of a second is accepted as well. None for a header that is missing or can't be read.
    """
    try:
        seconds = float(value or "")
    except ValueError:
        seconds = _seconds_until(value or "", now or datetime.now(UTC))
    return min(max(seconds, 0.0), MAX_RETRY_AFTER) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(date)
        return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, OverflowError):
        return math.nan


def _envelope(payload: Any) -> tuple[str, str]:
    """Code and message of `{"error": {"message", "code"}}` if the hub itself wrote it, else empty."""
    error = payload.get("error") if isinstance(payload, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        return "", ""
    return read_error(error) if _HUB_CODE.fullmatch(error["code"]) else ("", "")


def _error_of(response: HubResponse, code: str, message: str) -> HubError:
    seconds = retry_after(response.headers.get("Retry-After"))
    kind: type[HubError] = _BY_CODE.get(code) or _BY_STATUS.get(response.status, HubRefused)
    if response.status == 429:
        kind = HubBusy
    elif not code:
        kind = HubGarbled
    content_type = re.sub(r"[^\w/+.-].*", "", response.headers.get("Content-Type", ""), flags=re.DOTALL)[:60]
    detail = "" if code else f"{len(response.body)} bytes of {content_type or 'no stated type'}"
    return kind(code, message, status=response.status, retry_after=seconds, detail=detail)
