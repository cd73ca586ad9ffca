"""From an HTTP answer to a payload or an error of ours: the one place that judges whose answer it is.

On a POST the judgement decides about money. The hub's own error envelope is a clear refusal; anything else
that is not a 2xx in JSON came from something in front of the hub, and then nobody knows what the hub did
(hub-api.md, Open).
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

LONGEST_WAIT: Final = 24 * 3600.0

# hub-api.md, Errors. The code decides, and for a code we don't know the status does.
_BY_CODE: Final[dict[str, type[HubRefused]]] = {
    "missingApiKey": KeyRejected,
    "invalidApiKey": KeyRejected,
    "expiredApiKey": KeyRejected,
    "insufficientCredits": OutOfCredits,
    "notFound": NotFound,
}
_BY_STATUS: Final[dict[int, type[HubRefused]]] = {401: KeyRejected, 402: OutOfCredits, 404: NotFound}

# The hub's codes are words like `invalid_request` and `generationFailed`. Platforms in front of a site answer
# in the very same envelope, but with 502 or FUNCTION_INVOCATION_TIMEOUT for a code; to take such a timeout
# for the hub's refusal would be to call a charged generation free.
_HUBS_OWN_CODE = re.compile(r"[a-z][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whole: status, headers (any case), body in bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_payload(answer: Answer) -> Any:
    """The JSON of a 2xx. A record that failed carries an `error` too, but it has an id, and is no refusal.

    Raises HubBusy (429), HubRefused (the hub's own envelope) or HubGarbled (all else).
    """
    payload = _json(answer)
    code, message = _envelope(payload)
    refused = code and "id" not in payload
    if 200 <= answer.status < 300 and payload is not None and not refused:
        return payload
    raise _error(answer, code, message)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header, given in seconds or as a date (RFC 9110, 10.2.3); at most a day."""
    try:
        seconds = float(value or "")
    except ValueError:
        seconds = _seconds_until(value or "", now or datetime.now(UTC))
    return min(max(seconds, 0.0), LONGEST_WAIT) if math.isfinite(seconds) else None


def _seconds_until(date: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(date)
        return ((then if then.tzinfo else then.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, OverflowError):
        return math.nan


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _envelope(payload: Any) -> tuple[str, str]:
    """Code and message of `{"error": {"message", "code"}}` if the hub itself wrote it, else empty."""
    error = payload.get("error") if isinstance(payload, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        return "", ""
    return read_error(error) if _HUBS_OWN_CODE.fullmatch(error["code"]) else ("", "")


def _error(answer: Answer, code: str, message: str) -> HubError:
    wait = retry_after(answer.headers.get("Retry-After"))
    kind: type[HubError] = _BY_CODE.get(code) or _BY_STATUS.get(answer.status, HubRefused)
    if answer.status == 429:
        kind = HubBusy
    elif not code:
        kind = HubGarbled
    return kind(code, message, status=answer.status, retry_after=wait, detail="" if code else _describe(answer))


def _describe(answer: Answer) -> str:
    kind = re.sub(r"[^\w/+.-].*", "", answer.headers.get("Content-Type", ""), flags=re.DOTALL)[:60]
    return f"{len(answer.body)} bytes of {kind or 'no stated type'}"
