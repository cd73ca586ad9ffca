"""What the hub tells, as frozen records, read tolerantly (hub-api.md, Submitting and Open).

A strange field is read as nothing; only an answer without any usable record raises HubGarbled.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from hubportal.hub.errors import HubGarbled
from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models
from hubportal.hub.json_values import first, items, mapping, moment, text, web_address, whole
from hubportal.hub.sizes import TIERS, read_size

__all__ = [
    "DOCUMENTED_MODELS",
    "Balance",
    "GenerationRecord",
    "ImageModel",
    "ImageRecord",
    "Outcome",
    "parse_balance",
    "parse_generation",
    "parse_models",
]

Outcome = Literal["running", "succeeded", "failed"]

# Only "queued" and "succeeded" are documented; a word that is not here means "still running".
_SUCCEEDED: Final = frozenset({"succeeded", "success", "successful", "completed", "complete", "done", "finished"})
_FAILED: Final = frozenset({"failed", "failure", "error", "errored", "cancelled", "canceled", "rejected", "expired"})
_SAFE_ID = re.compile(r"(?!\.+$)[A-Za-z0-9_.-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Balance:
    """What the key's owner has: credits (None if unsaid), account type, next expiry of credits (UTC)."""

    credits: int | None
    account_type: str
    next_expiration: datetime | None


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One picture: the hub's id ("" if unsaid), its address, which is mortal, and when it was made (UTC)."""

    id: str
    url: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class GenerationRecord:
    """A generation as the hub sees it.

    status            the hub's own word, as it came; outcome is what we take it for
    tier              what was made and billed (1K, 2K, 4K), the answer's "quality"; "" when it names no tier.
                      Not the effort that was asked for, which shares the word (hub-api.md, Submitting)
    credits           charged so far: 0 while it is queued. None if unsaid
    credits_requested what it will cost, told while it is queued. None if unsaid
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
    """Whether an id can stand as one segment of a path without changing where it leads."""
    return _SAFE_ID.fullmatch(hub_id) is not None


def parse_generation(payload: Any, hub: str = "") -> GenerationRecord:
    """The record of a submission or a look. Raises HubGarbled when it has no id that is a safe path segment.

    hub  the hub's own address, which completes those of pictures that come without a host; "" leaves them out
    """
    fields = _unwrapped(payload)
    hub_id = fields.get("id")
    if not isinstance(hub_id, str) or not is_safe_id(hub_id):
        raise HubGarbled(detail="a record without a usable id")
    usage = mapping(fields.get("usage"))
    ratio, tier = _shape(fields)
    status = text(fields.get("status"), 64)
    code, message = read_error(fields.get("error"))
    return GenerationRecord(
        id=hub_id,
        status=status,
        outcome=_outcome(status),
        model=text(fields.get("model")),
        aspect_ratio=ratio,
        tier=tier,
        images=_images(fields.get("images"), hub),
        credits=whole(usage.get("credits")),
        credits_requested=whole(usage.get("creditsrequested")),
        balance=_balance(mapping(fields.get("balance")) or {"credits": fields.get("balance")}),
        error_code=code or text(fields.get("errorcode"), 64),
        error_message=message or text(fields.get("errormessage"), 1000),
        created_at=moment(fields.get("createdat")),
    )


def parse_balance(payload: Any) -> Balance:
    """The answer of GET /api/v1/credits, at the top or under "balance". Raises HubGarbled if it tells nothing."""
    top = mapping(payload)
    inner = mapping(top.get("data"))
    found = _balance({**top, **inner, **mapping(first(inner, "balance") or top.get("balance"))})
    if not found:
        raise HubGarbled(detail="no balance in the answer")
    return found


def read_error(error: Any) -> tuple[str, str]:
    """Code and message of an error that is an object, a sentence, or nothing."""
    fields = mapping(error)
    return text(first(fields, "code", "type"), 64), text(first(fields, "message", "detail") if fields else error, 1000)


def _unwrapped(payload: Any) -> Mapping[str, Any]:
    fields = mapping(payload)
    return fields if "id" in fields else mapping(first(fields, "generation", "data"))


def _outcome(status: str) -> Outcome:
    word = status.lower()
    if word in _SUCCEEDED:
        return "succeeded"
    return "failed" if word in _FAILED else "running"


def _shape(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Ratio and tier, in either dialect (hub-api.md, Submitting): `aspect_ratio` and `quality: 1K`, or `size`."""
    size = read_size(text(fields.get("size")))
    tier = text(first(fields, "quality", "tier")).upper()
    ratio = text(fields.get("aspectratio"), 32) or (size.ratio if size else "")
    return ratio, tier if tier in TIERS else (size.tier if size else "")


def _images(value: Any, hub: str) -> tuple[ImageRecord, ...]:
    found = (_image({"url": entry} if isinstance(entry, str) else mapping(entry), hub) for entry in items(value))
    return tuple(image for image in found if image.url)


def _image(fields: Mapping[str, Any], hub: str) -> ImageRecord:
    return ImageRecord(text(fields.get("id")), web_address(fields.get("url"), hub), moment(fields.get("createdat")))


def _balance(fields: Mapping[str, Any]) -> Balance | None:
    found = Balance(
        credits=whole(first(fields, "credits", "balance", "remaining")),
        account_type=text(fields.get("accounttype"), 64),
        next_expiration=moment(fields.get("nextexpiration")),
    )
    return found if found != Balance(None, "", None) else None
