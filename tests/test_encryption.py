"""A sealed secret opens for its own row, with a keyring entry that is still there, and for nothing else."""

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


def test_what_is_sealed_opens_for_the_same_row() -> None:
    assert decrypt(encrypt(SECRET, HERE), HERE) == SECRET


def test_a_sealed_text_says_neither_the_secret_nor_the_same_thing_twice() -> None:
    first, second = encrypt(SECRET, HERE), encrypt(SECRET, HERE)

    assert first != second
    assert SECRET.encode() not in base64.b64decode(first.split(".")[2])
    assert first.startswith("v1.old.")


def test_an_opened_secret_does_not_show_itself() -> None:
    opened = decrypt(encrypt(SECRET, HERE), HERE)

    assert SECRET not in f"{opened!r} {[opened]} { ({'secret': opened}) }"
    assert f"Bearer {opened}" == f"Bearer {SECRET}"


def test_a_sealed_text_moved_to_another_row_is_refused() -> None:
    with pytest.raises(DecryptionError):
        decrypt(encrypt(SECRET, HERE), ELSEWHERE)


@pytest.mark.parametrize("at", [0, 11, 12, -1])
def test_a_sealed_text_with_one_changed_bit_is_refused(at: int) -> None:
    head, body = encrypt(SECRET, HERE).rsplit(".", 1)
    raw = bytearray(base64.b64decode(body))
    raw[at] ^= 1

    with pytest.raises(DecryptionError):
        decrypt(f"{head}.{base64.b64encode(raw).decode()}", HERE)


@pytest.mark.parametrize(
    "text", ["", "v1", "v1.old", "v1.old.", "v1.old.%%%", "v1.old.QUJD", "v2.old.QUJD", "gih_live_x"]
)
def test_what_was_never_sealed_is_refused(text: str) -> None:
    with pytest.raises(DecryptionError):
        decrypt(text, HERE)


def test_an_older_entry_still_opens_and_a_newer_one_seals(settings: Any) -> None:
    sealed = encrypt(SECRET, HERE)
    settings.KEYRING = f"{NEW},{OLD}"

    assert decrypt(sealed, HERE) == SECRET
    assert encrypted_with(sealed) == "old"
    assert encrypted_with(encrypt(SECRET, HERE)) == "new"


def test_an_entry_that_is_gone_is_named(settings: Any) -> None:
    sealed = encrypt(SECRET, HERE)
    settings.KEYRING = NEW

    with pytest.raises(KeyringEntryMissing, match="old"):
        decrypt(sealed, HERE)


def test_an_entry_of_the_same_name_with_other_bytes_does_not_open(settings: Any) -> None:
    sealed = encrypt(SECRET, HERE)
    settings.KEYRING = NEW.replace("new:", "old:")

    with pytest.raises(DecryptionError):
        decrypt(sealed, HERE)


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
    kept = fingerprints(SECRET, 1)[0]
    settings.KEYRING = f"{NEW},{OLD}"

    assert kept in fingerprints(SECRET, 1)
    assert kept not in fingerprints(SECRET + "x", 1)
    assert kept not in fingerprints(SECRET, 2)
