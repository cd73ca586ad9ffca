"""Who does something: every act takes an actor, so that its audit entry can be written inside it."""

from dataclasses import dataclass
from typing import Self

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from hubportal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, and the IP address they ask from. Without a person: the site itself, or its command line."""

    user: User | None = None
    address: str | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Whoever is signed in and sent this request; `address` is None where the server knows none."""
        user = request.user if isinstance(request.user, User) else None
        return cls(user, address_of(request))

    @property
    def person(self) -> User:
        """The person, for what only a person can do, such as inviting. Raises PermissionDenied for the site."""
        if self.user is None:
            raise PermissionDenied
        return self.user


def address_of(request: HttpRequest) -> str | None:
    """The IP address somebody asks from; None where the server knows none."""
    return request.META.get("REMOTE_ADDR") or None


SITE = Actor()


@dataclass(frozen=True, slots=True)
class AuditSubject:
    """What something is called in the audit log, where its own words are nobody else's business."""

    pk: object
    name: str

    def __str__(self) -> str:
        return self.name
