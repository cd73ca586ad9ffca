"""What somebody pasted where a key belongs: the key, something with a key in it, or something else."""

import re
from dataclasses import dataclass
from typing import Literal

from django.views.decorators.debug import sensitive_variables

from hubportal.encryption import Secret

# hub-api.md shows `gih_live_…` alone; what follows the prefix is not documented.
SHAPE = re.compile(r"gih_[A-Za-z0-9_-]{8,200}")
WITHIN = re.compile(rf"(?<![A-Za-z0-9_-]){SHAPE.pattern}(?![A-Za-z0-9_-])")
# What comes along when a key is copied from a chat, a page or a file, besides ordinary white space.
STRAY = " \t\r\n\u00a0\u200b\u2060\ufeff\"'`,;"

# The first that fits names it, so the longer prefix goes first.
VENDORS = (
    ("sk-ant-", "Anthropic"),
    ("sk-or-", "OpenRouter"),
    ("sk_live_", "Stripe"),
    ("sk_test_", "Stripe"),
    ("sk-", "OpenAI"),
    ("AIza", "Google"),
    ("hf_", "Hugging Face"),
    ("r8_", "Replicate"),
    ("ghp_", "GitHub"),
    ("gho_", "GitHub"),
    ("github_pat_", "GitHub"),
    ("glpat-", "GitLab"),
    ("xoxb-", "Slack"),
    ("xoxp-", "Slack"),
    ("AKIA", "Amazon Web Services"),
    ("ASIA", "Amazon Web Services"),
)
VENDOR_KEY = re.compile(rf"(?<![A-Za-z0-9_-])({'|'.join(prefix for prefix, _vendor in VENDORS)})[A-Za-z0-9_-]{{12,}}")

type NotAKey = Literal["", "empty", "vendor", "curl", "address", "email", "incomplete", "other"]


@dataclass(frozen=True, slots=True)
class Pasted:
    """secret  when it is a key and nothing else
    within  the keys inside of something else
    kind    what it is instead of a key, where there is none within; "" where there is one
    vendor  whose key it is, for the kind "vendor"
    """

    secret: Secret | None = None
    within: tuple[Secret, ...] = ()
    kind: NotAKey = ""
    vendor: str = ""


@sensitive_variables()
def read_pasted(text: str) -> Pasted:
    """What this text is."""
    trimmed = text.strip(STRAY)
    if SHAPE.fullmatch(trimmed):
        return Pasted(Secret(trimmed))
    if within := tuple(dict.fromkeys(Secret(found) for found in WITHIN.findall(text))):
        return Pasted(within=within)
    vendor = vendor_in(trimmed)
    return Pasted(kind="vendor" if vendor else _kind_of(trimmed), vendor=vendor)


@sensitive_variables()
def looks_like_key(text: str) -> bool:
    """Whether a text that is no secret, such as a label, has a key in it: the hub's, or another vendor's."""
    return bool(SHAPE.search(text) or vendor_in(text))


@sensitive_variables()
def vendor_in(text: str) -> str:
    """Whose key is in it, by the prefix its vendor gives it; "" where none is."""
    found = VENDOR_KEY.search(text)
    return dict(VENDORS)[found[1]] if found else ""


@sensitive_variables()
def _kind_of(text: str) -> NotAKey:
    if not text:
        return "empty"
    if re.match(r"curl\s", text):
        return "curl"
    if re.match(r"[a-z]+://\S+$", text, re.IGNORECASE):
        return "address"
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "email"
    return "incomplete" if text.startswith("gih_") else "other"
