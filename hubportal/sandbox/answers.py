"""The bodies of the hub's answers, field by field as in hub-api.md."""

import time
from datetime import UTC, datetime

from hubportal.sandbox.plan import Plan
from hubportal.sandbox.records import Account, Generation


def accepted(generation: Generation, origin: str) -> dict[str, object]:
    """The 202 (hub-api.md, Submitting)."""
    return _running(generation, "queued") | {"poll_url": f"{origin}/api/v1/generations/{generation.id}"}


def record(generation: Generation, account: Account, plan: Plan, origin: str) -> dict[str, object]:
    """What polling reads, and what a waiting call gets when it is done."""
    if generation.state == "running":
        elapsed = time.time() - generation.accepted_at
        due = generation.due_at
        return _running(generation, plan.word_after(elapsed, due - generation.accepted_at if due else 60.0))
    return _finished(generation, account, origin)


def credits(account: Account) -> dict[str, object]:
    """The balance, as `/credits` and a finished record give it."""
    return {
        "credits": account.credits,
        "account_type": account.account_type,
        "next_expiration": account.next_expiration,
    }


def moment(seconds: float) -> str:
    """A moment as the hub writes it: ISO 8601 with milliseconds, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _head(generation: Generation, status: str) -> dict[str, object]:
    return {
        "object": "image_generation",
        "id": generation.id,
        "status": status,
        "model": generation.model,
        "aspect_ratio": generation.aspect_ratio,
        "quality": generation.tier,
    }


def _running(generation: Generation, status: str) -> dict[str, object]:
    return _head(generation, status) | {
        "created_at": moment(generation.accepted_at),
        "images": [],
        "usage": {"credits": 0, "credits_requested": generation.price},
    }


def _finished(generation: Generation, account: Account, origin: str) -> dict[str, object]:
    images = [
        {
            "id": image.id,
            "object": "image",
            "url": f"{origin}/images/{image.id}.png",
            "created_at": moment(image.created_at),
        }
        for image in generation.images
    ]
    body = _head(generation, generation.state) | {
        "images": images,
        "usage": {"credits": generation.credits},
        "balance": credits(account),
    }
    if generation.failure is not None:
        body["error"] = {"message": generation.failure, "code": "generationFailed"}
    return body
