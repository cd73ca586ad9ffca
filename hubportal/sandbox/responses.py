"""The bodies of the hub's responses, field by field as in hub-api.md, and its documented errors."""

from datetime import UTC, datetime

from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models
from hubportal.sandbox.records import Account, Generation

_BY_TIER = {
    "nanobanana": {"1K": 4},
    "nanobanana2": {"1K": 6, "2K": 8, "4K": 10},
}
# Another dialect of the list, so that a site can be tried with it: prices by tier and effort, and parameters.
_BY_TIER_AND_EFFORT = {
    "1K": {"low": 6, "medium": 10, "high": 20, "xhigh": 30},
    "2K": {"low": 8, "medium": 12, "high": 24, "xhigh": 36},
    "4K": {"low": 10, "medium": 16, "high": 32, "xhigh": 48},
}
_DECLARED: dict[str, dict[str, object]] = {
    "nanobanana": {"efforts": []},
    "nanobananapro": {
        "efforts": ["auto", "low", "medium", "high", "xhigh"],
        "parameters": {
            "background": {"type": "string", "enum": ["auto", "opaque", "transparent"]},
            "output_format": ["png", "jpeg", "webp"],
        },
    },
}


def _entry(model: ImageModel) -> dict[str, object]:
    by_tier = _BY_TIER.get(model.id) or {tier: credits for (tier, _), credits in model.prices.items()}
    return {
        "id": model.id,
        "object": "model",
        "name": model.name,
        "provider": model.provider,
        "supported_aspect_ratios": list(model.aspect_ratios),
        "supported_qualities": list(model.tiers),
        "reference_image_limit": model.reference_limit,
        "credits_per_image": by_tier or _BY_TIER_AND_EFFORT,
    } | _DECLARED.get(model.id, {})


_ENTRIES = [_entry(model) for model in DOCUMENTED_MODELS]
MODELS = {model.id: model for model in parse_models(_ENTRIES)}


def model_list() -> dict[str, object]:
    """The body of `GET /api/v1/models`; hub-api.md leaves the names inside an entry open but for one."""
    return {"object": "list", "data": _ENTRIES}


def accepted_body(generation: Generation, origin: str) -> dict[str, object]:
    """The body of the 202 (hub-api.md, Submitting)."""
    return _running(generation, "queued") | {"poll_url": f"{origin}/api/v1/generations/{generation.id}"}


def record_body(generation: Generation, account: Account, status: str, origin: str) -> dict[str, object]:
    """What polling reads, and what a waiting call gets at the end; `status` is the word while it is running."""
    return _running(generation, status) if generation.state == "running" else _finished(generation, account, origin)


def credits_body(account: Account) -> dict[str, object]:
    """The balance, as `/credits` and a finished record give it."""
    return {
        "credits": account.credits,
        "account_type": account.account_type,
        "next_expiration": account.next_expiration,
    }


def timestamp(seconds: float) -> str:
    """A time as the hub writes it: ISO 8601 with milliseconds, UTC."""
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
        "created_at": timestamp(generation.accepted_at),
        "images": [],
        "usage": {"credits": 0, "credits_requested": generation.price},
    }


def _finished(generation: Generation, account: Account, origin: str) -> dict[str, object]:
    images = [
        {
            "id": image.id,
            "object": "image",
            "url": f"{origin}/images/{image.id}.png",
            "created_at": timestamp(image.created_at),
        }
        for image in generation.images
    ]
    body = _head(generation, generation.state) | {
        "images": images,
        "usage": {"credits": generation.credits},
        "balance": credits_body(account),
    }
    if generation.failure is not None:
        body["error"] = {"message": generation.failure, "code": "generationFailed"}
    return body


class ApiError(Exception):
    """A response in the hub's error envelope, raised by whatever handles a request: HTTP status, code, message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, dict[str, str]]:
        """The documented envelope (hub-api.md, Errors)."""
        return {"error": {"message": self.message, "code": self.code}}


def invalid_request(message: str) -> ApiError:
    """400: the body or a parameter isn't valid."""
    return ApiError(400, "invalid_request", message)


def out_of_credits() -> ApiError:
    """402: the account has too few credits."""
    return ApiError(402, "insufficientCredits", "The account has insufficient credits for this generation.")


def not_found(what: str = "Generation") -> ApiError:
    """404: no such thing, or another user's."""
    return ApiError(404, "notFound", f"{what} not found.")


def generation_failed(message: str) -> ApiError:
    """500: the generation failed."""
    return ApiError(500, "generationFailed", message)
