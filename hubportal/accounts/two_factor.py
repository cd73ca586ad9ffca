"""The second step of signing in: whether a person has one, how it is kept, and what the site says of it."""

from typing import NamedTuple

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from qrcode.main import QRCode  # type: ignore[import-untyped]  # it ships none

from hubportal.accounts.models import User
from hubportal.encryption import DecryptionError, ReencryptionResult, decrypt, encrypt, encrypted_with, keyring

# Recovery codes stand in for one of these, and are none by themselves.
STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What allauth has sealed, by the kind of authenticator; a passkey's half that is kept here is no secret.
SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}
# allauth seals before there is a row, so this much can be bound: no hub key opens as one of these, nor the reverse.
IDENTITY = "mfa"


def has_two_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=STEPS).exists())


def without_two_factor(people: QuerySet[User]) -> QuerySet[User]:
    """Those of `people` who have neither."""
    return people.exclude(pk__in=Authenticator.objects.filter(type__in=STEPS).values("user_id"))


def remove_all(user: User) -> list[str]:
    """Take every step and the recovery codes away; gives which steps there were."""
    steps = Authenticator.objects.filter(user_id=user.pk)
    had = sorted(steps.filter(type__in=STEPS).values_list("type", flat=True))
    steps.delete()
    return had


def codes_left(codes: Authenticator) -> int:
    """How many recovery codes were not used yet; nothing is unsealed to tell."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data["used_mask"]).bit_count()


class StepUnreadable(ValidationError):
    """What the second step needs can't be opened with this KEYRING; a form says it, `doctor` says why."""

    def __init__(self) -> None:
        super().__init__(
            _("This site can't check codes just now. Nothing is wrong with yours: tell whoever runs the site.")
        )


class TwoFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That code isn't right, or its time is over. Try the one shown now."),
        "unverified_email": _("Confirm your email address first, or withdraw its change."),
        "cannot_generate_recovery_codes": _("Set up an authenticator app or a passkey first."),
    }

    @sensitive_variables()
    def encrypt(self, text: str) -> str:
        return encrypt(text, IDENTITY)

    @sensitive_variables()
    def decrypt(self, encrypted_text: str) -> str:
        """Raises StepUnreadable."""
        try:
            return decrypt(encrypted_text, IDENTITY)
        except DecryptionError:
            raise StepUnreadable from None

    @sensitive_variables()
    def build_totp_svg(self, url: str) -> SafeString:
        """The QR code as markup for the page itself: an image of its own would need the secret in an address."""
        code = QRCode(border=4)
        code.add_data(url)
        matrix = code.get_matrix()
        dots = "".join(f"M{x},{y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark)
        return format_html(
            '<svg class="qr" viewBox="0 0 {0} {0}" shape-rendering="crispEdges" role="img" aria-label="{1}">'
            '<rect width="{0}" height="{0}" fill="#fff"/><path d="{2}" fill="#000"/></svg>',
            len(matrix),
            _("QR code for your authenticator app"),
            dots,
        )

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return str(_("Passkey") if number == 1 else _("Passkey %(number)d") % {"number": number})

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Hubportal"}


def reseal_all() -> ReencryptionResult:
    """Seal every second step with the newest keyring entry. Raises ImproperlyConfigured for a bad KEYRING."""
    newest, result = next(iter(keyring())), ReencryptionResult()
    for step in Authenticator.objects.filter(type__in=SEALED).order_by("pk"):
        if encrypted_with(_sealed(step)) == newest:
            result.unchanged += 1
            continue
        try:
            result.reencrypted += _reseal(step.pk)
        except DecryptionError as error:
            result.failed.append(f"{_name(step)}: {error}")
    return result


@sensitive_variables()
def _reseal(pk: int) -> bool:
    """Whether it was still there. A recovery code used meanwhile stays used: the row is read under its lock."""
    with transaction.atomic():
        step = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if step is None:
            return False
        step.data[SEALED[step.type]] = encrypt(decrypt(_sealed(step), IDENTITY), IDENTITY)
        step.save(update_fields=["data"])
    return True


class Examined(NamedTuple):
    """How many second steps are sealed, how many of them with an older entry, and in words those that don't open."""

    sealed: int
    older: int
    broken: list[str]


def examine_all() -> Examined:
    """How the sealed second steps stand. Raises ImproperlyConfigured for a bad KEYRING."""
    newest = next(iter(keyring()))
    steps = list(Authenticator.objects.filter(type__in=SEALED).order_by("pk"))
    older = sum(encrypted_with(_sealed(step)) != newest for step in steps)
    return Examined(len(steps), older, [f"{_name(step)}: {why}" for step in steps if (why := _trouble(step))])


def _trouble(step: Authenticator) -> str:
    try:
        decrypt(_sealed(step), IDENTITY)
    except DecryptionError as error:
        return str(error)
    return ""


def _sealed(step: Authenticator) -> str:
    return str(step.data.get(SEALED[step.type], ""))


def _name(step: Authenticator) -> str:
    return f"{step.get_type_display()} of person {step.user_id}"
