"""The claim that gives places in teams (settings OIDC_TEAMS_CLAIM): what it says of a person, and whether it says it.

A provider that doesn't tell somebody's groups has not said that they are in none: Entra ID lists no more than 200, and
many leave the claim out of a token for whoever is in none.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from hubportal.accounts.oidc_claims import merge_claims, told_parts


class NotTold(StrEnum):
    """Why the claim's values are not known."""

    MISSING = "missing"
    TOO_MANY = "too_many"
    UNREADABLE = "unreadable"


def read_claim(extra_data: Mapping[str, Any]) -> set[str] | NotTold:
    """The claim's values as the provider told them at a sign-in (allauth's `extra_data`), or why they are not known.

    Values are words or numbers, one or a list; an empty list says that there are none.
    """
    if _is_kept_elsewhere(extra_data):
        return NotTold.TOO_MANY
    claim = merge_claims(extra_data).get(settings.OIDC_TEAMS_CLAIM)
    if claim is None:
        return NotTold.MISSING
    values = claim if isinstance(claim, list) else [claim]
    if any(isinstance(value, bool) or not isinstance(value, str | int) for value in values):
        return NotTold.UNREADABLE
    return {str(value) for value in values}


def _is_kept_elsewhere(extra_data: Mapping[str, Any]) -> bool:
    """Whether the provider names another place to ask for the claim, for which this site has no access.

    `_claim_names` is OpenID Connect Core 1.0, 5.6.2; Entra ID uses it when there are too many groups, or `hasgroups`
    where a token must be short (Microsoft, Groups overage claim).
    """
    claim = settings.OIDC_TEAMS_CLAIM
    for part in told_parts(extra_data):
        names = part.get("_claim_names")
        if isinstance(names, Mapping | list) and claim in names:
            return True
        if claim == "groups" and str(part.get("hasgroups")).lower() == "true":
            return True
    return False


def count_not_told(since: datetime) -> tuple[int, Counter[NotTold]]:
    """How many people signed in by the provider since then, and for how many their last sign-in did not tell."""
    told = SocialAccount.objects.filter(last_login__gte=since).values_list("extra_data", flat=True)
    read = [read_claim(extra_data) for extra_data in told.iterator()]
    return len(read), Counter(values for values in read if isinstance(values, NotTold))
