"""The hub's answers as frozen dataclasses, read tolerantly (hub-api.md, Submitting and Open).

A field that can't be read counts as missing; only an answer without any usable record raises HubGarbled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from hubportal.hub.errors import HubGarbled
from hubportal.hub.json_values import first_of, read_int, read_list, read_object, read_text, read_time, read_url
from hubportal.hub.sizes import TIERS, read_size

Outcome = Literal["running", "succeeded", "failed"]

# Only "queued" and "succeeded" are documented; a status that is not listed here means "still running".
_SUCCEEDED: Final = frozenset({"succeeded", "success", "successful", "completed", "complete", "done", "finished"})
_FAILED: Final = frozenset({"failed", "failure", "error", "errored", "cancelled", "canceled", "rejected", "expired"})
_SAFE_ID = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Balance:
    """The account of the key's owner: credits (None if unsaid), account type, next expiry of credits (UTC)."""

    credits: int | None
    account_type: str
    next_expiration: datetime | None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One image: the hub's id ("" if unsaid), its absolute URL, which may expire, and when it was made (UTC)."""

    id: str
    url: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """A generation as the hub sees it.

    status             the hub's own word, unchanged; `outcome` is how we classify it
    tier               what was made and billed (1K, 2K, 4K), the answer's "quality"; "" when it names no tier.
                       Not the effort that was asked for, which shares the word (hub-api.md, Submitting)
    credits            charged so far: 0 while it is queued. None if unsaid
    credits_requested  the price, given while it is queued. None if unsaid
    created_at        UTC
    """

    id: str
    status: str
    outcome: Outcome
    model: str
    aspect_ratio: str
    tier: str
    images: tuple[ImageRecord, ...]
    credits: int | None
    credits_requested: int | None
    balance: Balance | None
    error_code: str
    error_message: str
    created_at: datetime | None


def is_safe_id(hub_id: str) -> bool:
    """Whether an id can be one segment of a URL path without changing where the path leads."""
    return _SAFE_ID.fullmatch(hub_id) is not None


def parse_generation(payload: Any, base_url: str = "") -> GenerationRecord:
    """Read the record that a submission or a poll answers. Raises HubGarbled when its id is no safe path segment.

    base_url  where the record came from, ending in "/": relative image URLs are resolved against it; without it
              they are left out
    """
    fields = read_object(payload)
    if "id" not in fields:
        fields = read_object(first_of(fields, "generation", "data"))
    hub_id = fields.get("id")
    if not isinstance(hub_id, str) or not is_safe_id(hub_id):
        raise HubGarbled(detail="a record without a usable id")
    usage = read_object(fields.get("usage"))
    ratio, tier = _ratio_and_tier(fields)
    status = read_text(fields.get("status"), 64)
    code, message = read_error(fields.get("error"))
    return GenerationRecord(
        id=hub_id,
        status=status,
        outcome=_outcome(status),
        model=read_text(fields.get("model")),
        aspect_ratio=ratio,
        tier=tier,
        images=_images(fields.get("images"), base_url),
        credits=read_int(usage.get("credits")),
        credits_requested=read_int(usage.get("creditsrequested")),
        balance=_balance(read_object(fields.get("balance")) or {"credits": fields.get("balance")}),
        error_code=code or read_text(fields.get("errorcode"), 64),
        error_message=message or read_text(fields.get("errormessage"), 1000),
        created_at=read_time(fields.get("createdat")),
    )


def parse_balance(payload: Any) -> Balance:
    """Read GET /api/v1/credits, at the top or under "balance". Raises HubGarbled when it says nothing."""
    top = read_object(payload)
    inner = read_object(top.get("data"))
    balance = _balance({**top, **inner, **read_object(first_of(inner, "balance") or top.get("balance"))})
    if not balance:
        raise HubGarbled(detail="no balance in the answer")
    return balance


def read_error(error: Any) -> tuple[str, str]:
    """Code and message of an error that is an object, a sentence, or nothing."""
    fields = read_object(error)
    message = first_of(fields, "message", "detail") if fields else error
    return read_text(first_of(fields, "code", "type"), 64), read_text(message, 1000)


def _outcome(status: str) -> Outcome:
    if status.lower() in _SUCCEEDED:
        return "succeeded"
    return "failed" if status.lower() in _FAILED else "running"


def _ratio_and_tier(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Read `aspect_ratio` and `quality: 1K`, or else `size` (hub-api.md, Submitting: two editions)."""
    size = read_size(read_text(fields.get("size")))
    tier = read_text(first_of(fields, "quality", "tier")).upper()
    ratio = read_text(fields.get("aspectratio"), 32) or (size.ratio if size else "")
    return ratio, tier if tier in TIERS else (size.tier if size else "")


def _images(value: Any, base_url: str) -> tuple[ImageRecord, ...]:
    """Read the images that have a usable URL; an entry may be an object or the URL alone."""
    images = []
    for entry in read_list(value):
        fields = {"url": entry} if isinstance(entry, str) else read_object(entry)
        if url := read_url(fields.get("url"), base_url):
            images.append(ImageRecord(read_text(fields.get("id")), url, read_time(fields.get("createdat"))))
    return tuple(images)


def _balance(fields: Mapping[str, Any]) -> Balance | None:
    balance = Balance(
        credits=read_int(first_of(fields, "credits", "balance", "remaining")),
        account_type=read_text(fields.get("accounttype"), 64),
        next_expiration=read_time(fields.get("nextexpiration")),
    )
    return balance if balance != Balance(None, "", None) else None
