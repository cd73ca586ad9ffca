"""An encrypted secret is decrypted for its own row only, with a keyring entry that is still there."""

import base64
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from hubportal.encryption import (
    DecryptionError,
    KeyringEntryMissing,
    decrypt,
    encrypt,
    encrypted_with,
    fingerprints,
    keyring,
)

SECRET = "gih_live_0123456789abcdef"
HERE, ELSEWHERE = "key:1:team:1", "key:1:team:2"
OLD, NEW = "old:" + base64.b64encode(b"o" * 32).decode(), "new:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture(autouse=True)
def _keyring(settings: Any) -> None:
    settings.KEYRING = OLD


def test_what_is_encrypted_is_decrypted_for_the_same_row() -> None:
    assert decrypt(encrypt(SECRET, HERE), HERE) == SECRET


def test_encrypting_twice_gives_two_texts_and_neither_holds_the_secret() -> None:
    first, second = encrypt(SECRET, HERE), encrypt(SECRET, HERE)

    assert first != second
    assert SECRET.encode() not in base64.b64decode(first.split(".")[2])
    assert first.startswith("v1.old.")


def test_a_decrypted_secret_has_a_repr_that_hides_it() -> None:
    decrypted = decrypt(encrypt(SECRET, HERE), HERE)

    assert SECRET not in f"{decrypted!r} {[decrypted]} { ({'secret': decrypted}) }"
    assert f"Bearer {decrypted}" == f"Bearer {SECRET}"


def test_an_encrypted_secret_moved_to_another_row_is_refused() -> None:
    with pytest.raises(DecryptionError):
        decrypt(encrypt(SECRET, HERE), ELSEWHERE)


@pytest.mark.parametrize("at", [0, 11, 12, -1])
def test_an_encrypted_secret_with_one_changed_bit_is_refused(at: int) -> None:
    head, body = encrypt(SECRET, HERE).rsplit(".", 1)
    raw = bytearray(base64.b64decode(body))
    raw[at] ^= 1

    with pytest.raises(DecryptionError):
        decrypt(f"{head}.{base64.b64encode(raw).decode()}", HERE)


@pytest.mark.parametrize(
    "text", ["", "v1", "v1.old", "v1.old.", "v1.old.%%%", "v1.old.QUJD", "v2.old.QUJD", "gih_live_x"]
)
def test_what_was_never_encrypted_is_refused(text: str) -> None:
    with pytest.raises(DecryptionError):
        decrypt(text, HERE)


def test_an_older_entry_still_decrypts_and_a_newer_one_encrypts(settings: Any) -> None:
    encrypted = encrypt(SECRET, HERE)
    settings.KEYRING = f"{NEW},{OLD}"

    assert decrypt(encrypted, HERE) == SECRET
    assert encrypted_with(encrypted) == "old"
    assert encrypted_with(encrypt(SECRET, HERE)) == "new"


def test_an_entry_that_is_gone_is_named(settings: Any) -> None:
    encrypted = encrypt(SECRET, HERE)
    settings.KEYRING = NEW

    with pytest.raises(KeyringEntryMissing, match="old"):
        decrypt(encrypted, HERE)


def test_an_entry_of_the_same_name_with_other_bytes_does_not_decrypt(settings: Any) -> None:
    encrypted = encrypt(SECRET, HERE)
    settings.KEYRING = NEW.replace("new:", "old:")

    with pytest.raises(DecryptionError):
        decrypt(encrypted, HERE)


@pytest.mark.parametrize(
    "text",
    ["nonsense", "a:", "a:c2hvcnQ=", "a:not base64!", "a b:" + OLD[4:], f"{OLD},{OLD}", f"{OLD},", ":" + OLD[4:]],
)
def test_a_keyring_that_cannot_be_read_is_told_without_quoting_it(settings: Any, text: str) -> None:
    settings.KEYRING = text

    with pytest.raises(ImproperlyConfigured) as told:
        keyring()

    assert "KEYRING" in str(told.value)
    assert OLD[4:] not in str(told.value)


def test_a_keyring_entry_may_be_url_safe_base64(settings: Any) -> None:
    settings.KEYRING = "a:" + base64.urlsafe_b64encode(b"\xfb" * 32).decode()

    assert decrypt(encrypt(SECRET, HERE), HERE) == SECRET


def test_a_fingerprint_finds_the_same_secret_in_the_same_team_and_survives_a_new_entry(settings: Any) -> None:
    stored = fingerprints(SECRET, 1)[0]
    settings.KEYRING = f"{NEW},{OLD}"

    assert stored in fingerprints(SECRET, 1)
    assert stored not in fingerprints(SECRET + "x", 1)
    assert stored not in fingerprints(SECRET, 2)
