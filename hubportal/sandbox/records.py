"""What the sandbox stores, as dataclasses. Times are seconds since 1970, UTC."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """A hub user. `next_expiration` is the text that `/credits` answers with."""

    id: int
    owner: str
    account_type: str
    credits: int
    next_expiration: str | None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, without its secret."""

    id: int
    account_id: int
    last_four: str
    expires_at: float | None
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference image of a submission; `size` in bytes. Its content is not stored."""

    name: str
    content_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Order:
    """A checked submission: what is to be generated, and its price in credits."""

    model: str
    prompt: str
    aspect_ratio: str
    tier: str
    width: int
    height: int
    n: int
    price: int
    waits: bool
    fields: Mapping[str, object]
    references: tuple[Reference, ...] = ()
    tint: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A finished image."""

    id: str
    created_at: float


@dataclass(frozen=True, slots=True)
class Generation:
    """An accepted order and what became of it. `state` is running, succeeded or failed.

    `due_at` is None for one that never ends. `fields` are the request's own, as they came.
    """

    id: str
    account_id: int
    key_id: int
    model: str
    prompt: str
    aspect_ratio: str
    tier: str
    width: int
    height: int
    n: int
    price: int
    tint: tuple[int, int, int] | None
    fields: Mapping[str, object]
    state: str
    failure: str | None
    accepted_at: float
    due_at: float | None
    images: tuple[Image, ...]
    references: tuple[Reference, ...]

    @property
    def credits(self) -> int:
        """What it cost in the end: nothing while it runs or when it failed; images given on top cost nothing."""
        return self.price // self.n * min(self.n, len(self.images))


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Credits that moved: `kind` is charge or refund, `credits` is positive, `key` the key's last four characters."""

    owner: str
    key: str
    generation: str
    kind: str
    credits: int
    at: float
