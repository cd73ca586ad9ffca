"""Making accounts: who may sign up although the site is closed, and making one for somebody else.

An invitation comes here only as the permission to sign up; nothing here knows of teams.
"""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from hubportal.accounts.models import User

SIGNUP_TIMEOUT = timedelta(hours=1)
SESSION_KEY = "signup_permission"


@dataclass(frozen=True, slots=True)
class SignupPermission:
    """The address an invitation went to, and whether its link came by that address's e-mail."""

    email: str
    verified: bool


def allow_signup(request: HttpRequest, *, email: str, verified: bool) -> None:
    """Let this visitor make an account within the next hour, with `email` filled in.

    `verified` says that the link reached them through that address: an account made with this very address needs
    no other proof. They may choose another one, which has to be confirmed as always.
    """
    until = (timezone.now() + SIGNUP_TIMEOUT).timestamp()
    request.session[SESSION_KEY] = {"email": email.strip().lower(), "verified": verified, "until": until}


def signup_permission(request: HttpRequest) -> SignupPermission | None:
    """What `allow_signup` said of this visitor, if the hour is not over."""
    given = request.session.get(SESSION_KEY)
    if not given or given["until"] <= timezone.now().timestamp():
        return None
    return SignupPermission(given["email"], given["verified"])


@transaction.atomic
def get_or_create_account(email: str, password: str | None = None, *, name: str = "") -> tuple[User, bool]:
    """The person with this address, made if there is none, and whether they are new.

    The address counts as verified. Somebody who was here keeps their name and password. Raises ValidationError
    for what is no e-mail address, or a new person's password that is too weak.
    """
    email = email.strip().lower()
    User._meta.get_field("email").clean(email, None)
    address = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    user: User | None = address.user if address else User.objects.filter(email=email).first()
    new = user is None
    if user is None:
        if password is not None:
            validate_password(password, User(email=email, name=name))
        user = User.objects.create_user(email, password, name=name)
    first = not EmailAddress.objects.filter(user=user, primary=True).exists()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": first})
    if not address.verified:
        address.verified = True
        address.save(update_fields=["verified"])
    return user, new
