"""The second step of signing in: whether a person has one, how it is stored, and what the site says of it."""

from typing import NamedTuple
from unicodedata import category, decimal

from allauth.mfa import app_settings
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.debug import sensitive_variables
from qrcode.main import QRCode  # type: ignore[import-untyped]  # it ships none

from hubportal.accounts.models import User
from hubportal.accounts.wording import AUTHENTICATOR_UNREADABLE, TOTP_QR_CODE, TWO_FACTOR_ERRORS, passkey_name
from hubportal.encryption import DecryptionError, ReencryptionResult, decrypt, encrypt, encrypted_with, keyring

# Recovery codes stand in for one of these, and are none by themselves.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# The fields that allauth has encrypted, by the kind of authenticator; a passkey's public key is no secret.
ENCRYPTED_FIELDS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}
# Unicode's spaces, dashes, controls, and marks such as those of direction, which Arabic keyboards add.
SEPARATORS = {"Zs", "Zl", "Zp", "Pd", "Cc", "Cf"}
# A minus, and what the same key gives on a Japanese keyboard, wide or narrow.
DASHLIKE = "\u2212\u30fc\uff70"
# allauth encrypts before there is a row, so no more can be bound: no hub key decrypts as one of these, nor the reverse.
IDENTITY = "mfa"


def has_two_factor(user: User) -> bool:
    """Whether the person has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=SECOND_FACTORS).exists())


def without_two_factor(people: QuerySet[User]) -> QuerySet[User]:
    """Those of `people` who have neither."""
    return people.exclude(pk__in=Authenticator.objects.filter(type__in=SECOND_FACTORS).values("user_id"))


def delete_authenticators(user: User) -> list[str]:
    """Delete every second factor and the recovery codes; returns which second factors there were."""
    authenticators = Authenticator.objects.filter(user_id=user.pk)
    factors = sorted(authenticators.filter(type__in=SECOND_FACTORS).values_list("type", flat=True))
    authenticators.delete()
    return factors


def codes_left(codes: Authenticator) -> int:
    """How many recovery codes were not used yet; nothing is decrypted to tell."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data["used_mask"]).bit_count()


def normalize_code(typed: str) -> str:
    """A one-time code with ASCII digits and without what people and keyboards put between them.

    Digits of every script count; spaces, dashes and invisible characters don't. What else is there stays, and is wrong.
    """
    kept = (char for char in typed if category(char) not in SEPARATORS and char not in DASHLIKE)
    return "".join(char if (digit := decimal(char, None)) is None else str(digit) for char in kept)


class AuthenticatorUnreadableError(ValidationError):
    """What the second step needs can't be decrypted with this KEYRING; a form says it, `doctor` says why."""

    def __init__(self) -> None:
        super().__init__(AUTHENTICATOR_UNREADABLE)


class TwoFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    error_messages = DefaultMFAAdapter.error_messages | TWO_FACTOR_ERRORS

    @sensitive_variables()
    def encrypt(self, text: str) -> str:
        return encrypt(text, IDENTITY)

    @sensitive_variables()
    def decrypt(self, encrypted_text: str) -> str:
        """Raises AuthenticatorUnreadableError."""
        try:
            return decrypt(encrypted_text, IDENTITY)
        except DecryptionError:
            raise AuthenticatorUnreadableError from None

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
            TOTP_QR_CODE,
            dots,
        )

    def generate_authenticator_name(self, user: User, type: str) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return passkey_name(number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "Hubportal"}


def reencrypt_authenticators() -> ReencryptionResult:
    """Encrypt every second step with the newest keyring entry. Raises ImproperlyConfigured for a bad KEYRING."""
    newest, result = next(iter(keyring())), ReencryptionResult()
    for step in Authenticator.objects.filter(type__in=ENCRYPTED_FIELDS).order_by("pk"):
        if encrypted_with(_ciphertext(step)) == newest:
            result.unchanged += 1
            continue
        try:
            result.reencrypted += _reencrypt(step.pk)
        except DecryptionError as error:
            result.failed.append(f"{_name(step)}: {error}")
    return result


@sensitive_variables()
def _reencrypt(pk: int) -> bool:
    """Whether it was still there. A recovery code used meanwhile stays used: the row is read under its lock."""
    with transaction.atomic():
        step = Authenticator.objects.select_for_update().filter(pk=pk).first()
        if step is None:
            return False
        step.data[ENCRYPTED_FIELDS[step.type]] = encrypt(decrypt(_ciphertext(step), IDENTITY), IDENTITY)
        step.save(update_fields=["data"])
    return True


class AuthenticatorCheck(NamedTuple):
    """How many second steps are encrypted, how many with an older entry, and in words those that don't decrypt."""

    encrypted: int
    older: int
    undecryptable: list[str]


def check_authenticators() -> AuthenticatorCheck:
    """How many second steps can be decrypted. Raises ImproperlyConfigured for a bad KEYRING."""
    newest = next(iter(keyring()))
    steps = list(Authenticator.objects.filter(type__in=ENCRYPTED_FIELDS).order_by("pk"))
    older = sum(encrypted_with(_ciphertext(step)) != newest for step in steps)
    undecryptable = []
    for step in steps:
        try:
            decrypt(_ciphertext(step), IDENTITY)
        except DecryptionError as error:
            undecryptable.append(f"{_name(step)}: {error}")
    return AuthenticatorCheck(len(steps), older, undecryptable)


def _ciphertext(step: Authenticator) -> str:
    return str(step.data.get(ENCRYPTED_FIELDS[step.type], ""))


def _name(step: Authenticator) -> str:
    return f"{step.get_type_display()} of person {step.user_id}"
