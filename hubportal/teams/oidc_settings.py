"""OIDC_TEAMS: which value of the provider's claim gives which role in which team. settings.py imports it: no models."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from hubportal.teams.permissions import ASSIGNABLE_ROLES, Role


@dataclass(frozen=True, slots=True)
class OidcTeam:
    """`value` of the claim gives `role` in the team with the slug `team`."""

    value: str
    team: str
    role: Role


def parse_oidc_teams(claim: str, entries: Iterable[str], *, provider: bool) -> tuple[OidcTeam, ...]:
    """Read `value=team:role` entries. Raises ImproperlyConfigured for what can't be understood or used."""
    found = tuple(_parse(entry.strip()) for entry in entries if entry.strip())
    if bool(claim) != bool(found):
        raise ImproperlyConfigured("OIDC_TEAMS_CLAIM and OIDC_TEAMS belong together: set both, or neither.")
    if found and not provider:
        raise ImproperlyConfigured("OIDC_TEAMS is set, but no provider: set OIDC_ISSUER as well, or take it away.")
    return found


def _parse(entry: str) -> OidcTeam:
    value, equals, where = entry.rpartition("=")
    team, _colon, role = where.partition(":")
    if not (value and equals and team) or role not in ASSIGNABLE_ROLES:
        raise ImproperlyConfigured(
            f"OIDC_TEAMS has {entry!r}: it must be value=team:role, with a role of {', '.join(ASSIGNABLE_ROLES)};"
            " a provider can't make somebody owner."
        )
    return OidcTeam(value, team, Role(role))
