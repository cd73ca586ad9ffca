"""What a provider tells of a person: ID token and user info, read as one. Knows no models.

Providers share the claims out as they like: AD FS tells everything in the ID token and nothing but `sub` in the user
info; Google tells the address in both. What is told in neither is not known, which is something else than empty.
"""

from collections.abc import Iterator, Mapping
from typing import Any

# `xms_edov` is how Entra ID says it: the address belongs to a domain that its owner has proved (Microsoft's optional
# claims reference).
VERIFICATION_CLAIMS = ("email_verified", "xms_edov")


def merge_claims(extra_data: Mapping[str, Any]) -> dict[str, Any]:
    """The claims in `extra_data`, as allauth keeps them: `{"userinfo": {…}, "id_token": {…}}`.

    Each is the user info's, or else the ID token's. `email_verified` is a bool: whether at least one statement about
    this very address says so, and none denies it.
    """
    parts = list(told_parts(extra_data))
    merged: dict[str, Any] = {}
    for part in parts:
        merged = part | merged
    return merged | {"email_verified": _is_verified(merged.get("email"), parts)}


def told_parts(extra_data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """User info and ID token without the claims that say nothing: null or "" (OpenID Connect Core 1.0, 5.3.2)."""
    for name in ("userinfo", "id_token"):
        yield {claim: value for claim, value in (extra_data.get(name) or {}).items() if value not in (None, "")}


def _is_verified(email: Any, parts: list[dict[str, Any]]) -> bool:
    """A part that verifies an address of its own says nothing about another one; a denial counts wherever it is."""
    statements = [
        (str(part.get("email", email)).lower() == str(email).lower(), _is_true(part[claim]))
        for part in parts
        for claim in VERIFICATION_CLAIMS
        if claim in part
    ]
    return all(yes for _, yes in statements) and any(same for same, _ in statements)


def _is_true(value: Any) -> bool:
    """Some providers write it as a word or a digit, and `"false"` would count as true."""
    return str(value).lower() in {"true", "1"}
