"""Writing the audit trail from a page: who asks, in which team, and from where."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest

from hubportal.teams.deeds import Deed
from hubportal.teams.models import AuditEntry

if TYPE_CHECKING:
    from hubportal.teams.access import TeamRequest


@dataclass(frozen=True, slots=True)
class Named:
    """What something is called in the trail, where its own words are nobody else's business."""

    pk: object
    name: str

    def __str__(self) -> str:
        return self.name


def note(request: "TeamRequest", deed: Deed, about: object = "", **detail: str | int | bool) -> None:
    """Write that the person did this to `about` in the team whose page this is.

    To be called inside the transaction of the act, so that neither is ever there without the other.
    """
    AuditEntry.objects.write(request.team, deed, about, by=request.user, address=address_of(request), **detail)


def address_of(request: HttpRequest) -> str | None:
    """The IP address somebody asks from; None where the server knows none."""
    return request.META.get("REMOTE_ADDR") or None
