"""The examples of hub-api.md, with the elided parts filled in."""

from typing import Any

KEY = "gih_live_0123456789abcdefSECRET"

# From the section on submitting, the asynchronous answer.
ACCEPTED: dict[str, Any] = {
    "object": "image_generation",
    "id": "clx_abc123",
    "status": "queued",
    "model": "gpt-image-2",
    "aspect_ratio": "1:1",
    "quality": "1K",
    "created_at": "2026-04-30T08:00:00.000Z",
    "images": [],
    "usage": {"credits": 0, "credits_requested": 8},
    "poll_url": "https://elsewhere.example/api/v1/generations/clx_abc123",
}

# From the same section, the finished answer.
FINISHED: dict[str, Any] = {
    "object": "image_generation",
    "id": "clx_abc123",
    "status": "succeeded",
    "model": "gpt-image-2",
    "aspect_ratio": "1:1",
    "quality": "1K",
    "images": [
        {
            "id": "img_1",
            "object": "image",
            "url": "https://cdn.example/image.png",
            "created_at": "2026-04-30T08:00:41.500Z",
        }
    ],
    "usage": {"credits": 8},
    "balance": {"credits": 112, "account_type": "PRO", "next_expiration": None},
}


def envelope(code: Any, message: str = "What went wrong.") -> dict[str, Any]:
    """Errors: "Body"."""
    return {"error": {"message": message, "code": code}}
