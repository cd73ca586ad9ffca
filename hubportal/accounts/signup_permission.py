"""Letting one visitor make an account although the site is closed: what an invitation asks of the sign-up."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

FOR = timedelta(hours=1)
IN_SESSION = "invited"


@dataclass(frozen=True, slots=True)
class Invited:
    """Who was let in: the address the invitation went to, and whether its link came by that address's e-mail."""

    email: str
    verified: bool


def let_sign_up(request: HttpRequest, *, email: str, verified: bool) -> None:
    """Let this visitor make an account within the next hour, with `email` filled in.

    `verified` says that the link reached them through that address: an account made with this very address needs
    no other proof. They may choose another one, which has to be confirmed as always.
    """
    until = (timezone.now() + FOR).timestamp()
    request.session[IN_SESSION] = {"email": email.strip().lower(), "verified": verified, "until": until}


def invited(request: HttpRequest) -> Invited | None:
    """What `let_sign_up` said of this visitor, if the hour is not over."""
    let = request.session.get(IN_SESSION)
    if not let or let["until"] <= timezone.now().timestamp():
        return None
    return Invited(let["email"], let["verified"])
