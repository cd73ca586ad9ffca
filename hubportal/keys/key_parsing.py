"""What somebody pasted where a key belongs: the key, something with a key in it, or something else."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
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

_NOT_A_KEY = gettext_lazy("This isn't a key of GPT Image Hub: one begins with gih_ and has no spaces.")


@dataclass(frozen=True, slots=True)
class Pasted:
    """`secret` when it is a key and nothing else; `within`: the keys inside of something else; `why` it is none."""

    secret: Secret | None = None
    within: tuple[Secret, ...] = ()
    why: str = ""


@sensitive_variables()
def read_pasted(text: str) -> Pasted:
    """What this text is. It is never quoted in the answer's words."""
    trimmed = text.strip(STRAY)
    if SHAPE.fullmatch(trimmed):
        return Pasted(Secret(trimmed))
    if within := tuple(dict.fromkeys(Secret(found) for found in WITHIN.findall(text))):
        return Pasted(within=within)
    return Pasted(why=_why_not(trimmed))


@sensitive_variables()
def vendor_in(text: str) -> str:
    """Whose key is in it, by the prefix its vendor gives it; "" where none is."""
    found = VENDOR_KEY.search(text)
    return dict(VENDORS)[found[1]] if found else ""


@sensitive_variables()
def _why_not(text: str) -> str:
    if not text:
        return _("Paste the key here; it begins with gih_.")
    if vendor := vendor_in(text):
        return _("This is a key of {vendor}, not of GPT Image Hub, whose keys begin with gih_.").format(vendor=vendor)
    if re.match(r"curl\s", text):
        return _(
            "This is a curl command without a key of GPT Image Hub in it. Paste the key alone: it begins with gih_."
        )
    if re.match(r"[a-z]+://\S+$", text, re.IGNORECASE):
        return _("This is an address of a page, not a key. Open it, and copy the key from there: it begins with gih_.")
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return _("This is an email address, not a key. A key of GPT Image Hub begins with gih_.")
    if text.startswith("gih_"):
        return _("This begins like a key of GPT Image Hub, but isn't a whole one. Copy it again, all of it.")
    return str(_NOT_A_KEY)


def too_many(within: tuple[Secret, ...]) -> str:
    """What to say of several keys in one paste."""
    said = ngettext(
        "There is {count} key in what you pasted: {keys}. Paste one at a time.",
        "There are {count} keys in what you pasted: {keys}. Paste one at a time.",
        len(within),
    )
    return said.format(count=len(within), keys=", ".join(f"···{secret[-4:]}" for secret in within[:5]))
