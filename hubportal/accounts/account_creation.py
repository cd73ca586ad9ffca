"""Making an account for somebody else, as the commands do."""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from hubportal.accounts.models import User


@transaction.atomic
def take_in(email: str, password: str | None = None, *, name: str = "") -> tuple[User, bool]:
    """The person with this address, made if there is none, and whether they are new.

    The address counts as verified. Somebody who was here keeps their name and password. Raises ValidationError
    for what is no e-mail address, or a new person's password that is too weak.
    """
    email = email.strip().lower()
    User._meta.get_field("email").clean(email, None)
    user = _known(email)
    made = user is None
    if user is None:
        if password is not None:
            validate_password(password, User(email=email, name=name))
        user = User.objects.create_user(email, password, name=name)
    _verify(user, email)
    return user, made


def _known(email: str) -> User | None:
    address = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    known: User | None = address.user if address else User.objects.filter(email=email).first()
    return known


def _verify(user: User, email: str) -> None:
    first = not EmailAddress.objects.filter(user=user, primary=True).exists()
    address, _ = EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": first})
    if not address.verified:
        address.verified = True
        address.save(update_fields=["verified"])
