"""What people do with a team's keys: one function each, with its audit entry inside.

Each locks the team, looks at the key as it is now, changes it and writes the entry, in one transaction; a secret is
checked at the hub before that transaction, without a database connection. No request and no form is known here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from hubportal.audit.actor import SITE, Actor
from hubportal.audit.models import AuditEntry
from hubportal.connections import release_connections
from hubportal.encryption import Secret
from hubportal.hub.records import Balance
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.clients import client_to_check
from hubportal.keys.key_parsing import looks_like_key
from hubportal.keys.models import Key
from hubportal.teams.models import Team

MAX_LABEL_LENGTH = 60

type Direction = Literal["up", "down"]


class KeyChangeError(Exception):
    """A key was not changed, and why (wording/changes.py says it in words). The hub's own errors are HubError."""


class KeyGone(KeyChangeError):
    """Somebody replaced or removed the key meanwhile."""


class KeyringUnreadable(KeyChangeError):
    """KEYRING can't be read, so no secret can be encrypted or found again."""


class SecretAlreadyAdded(KeyChangeError):
    """The team has this secret: as `key`, or as one that was removed again in this moment."""

    def __init__(self, key: Key | None) -> None:
        super().__init__()
        self.key = key


class InvalidLabel(KeyChangeError):
    """`code`: "required", "too_long", or "looks_like_key", which everybody in the team would see."""

    def __init__(self, code: Literal["required", "too_long", "looks_like_key"]) -> None:
        super().__init__(code)
        self.code = code


# Adding --------------------------------------------------------------------------------------------------------


@sensitive_variables()
def add_key(team: Team, label: str, secret: Secret, actor: Actor) -> Key:
    """Check a secret at the hub and add it; the team's first key becomes its default.

    secret  a key and nothing else, as key_parsing.py tells it apart

    Raises InvalidLabel, KeyringUnreadable, SecretAlreadyAdded; KeyRejected when the hub refuses the secret, another
    HubError when it can't be asked.
    """
    label = _checked_label(label)
    balance = _checked_at_hub(team, secret)
    try:
        with transaction.atomic():
            key = Key.objects.create_checked(team, label=label, secret=secret, added_by=actor.user, balance=balance)
            AuditEntry.objects.record(team, KeyAction.ADDED, key, actor=actor)
    except IntegrityError:
        raise SecretAlreadyAdded(Key.objects.with_secret(secret, team)) from None
    return key


@sensitive_variables()
def replace_key(old: Key, secret: Secret, actor: Actor) -> Key:
    """Check a secret at the hub and put it in the old key's place, which retires. Returns the new key.

    Raises what `add_key` does, and KeyGone when the old key serves no more.
    """
    balance = _checked_at_hub(old.team, secret)
    try:
        with transaction.atomic():
            new = Key.objects.replace_checked(old, secret=secret, added_by=actor.user, balance=balance)
            AuditEntry.objects.record(old.team, KeyAction.REPLACED, new, actor=actor, old=str(old))
    except IntegrityError:
        raise SecretAlreadyAdded(Key.objects.with_secret(secret, old.team)) from None
    except Key.DoesNotExist:
        raise KeyGone from None
    return new


@sensitive_variables()
def check_not_added(team: Team, secret: Secret) -> None:
    """Raises SecretAlreadyAdded when the team has this secret, KeyringUnreadable when nobody can tell."""
    try:
        known = Key.objects.with_secret(secret, team)
    except ImproperlyConfigured:
        raise KeyringUnreadable from None
    if known:
        raise SecretAlreadyAdded(known)


@sensitive_variables()
def _checked_at_hub(team: Team, secret: Secret) -> Balance:
    check_not_added(team, secret)
    client = client_to_check(secret)
    release_connections()
    return client.credits()


@sensitive_variables()
def _checked_label(label: str) -> str:
    label = label.strip()
    if not label:
        raise InvalidLabel("required")
    if len(label) > MAX_LABEL_LENGTH:
        raise InvalidLabel("too_long")
    if looks_like_key(label):
        raise InvalidLabel("looks_like_key")
    return label


# What a key that serves may be told ----------------------------------------------------------------------------


@sensitive_variables()
def rename_key(key: Key, label: str, actor: Actor) -> Key:
    """Raises InvalidLabel, KeyGone."""
    label = _checked_label(label)
    with _locked(key) as key:
        before = str(key)
        if label != key.label:
            key.label = label
            key.save(update_fields=["label"])
            AuditEntry.objects.record(key.team, KeyAction.RENAMED, key, actor=actor, before=before)
    return key


def pause_key(key: Key, actor: Actor) -> Key:
    """Send nothing new with it until it is resumed; work in flight ends with it. Raises KeyGone."""
    with _locked(key) as key:
        if key.paused_at is None:
            key.paused_at = timezone.now()
            key.save(update_fields=["paused_at"])
            AuditEntry.objects.record(key.team, KeyAction.PAUSED, key, actor=actor)
    return key


def resume_key(key: Key, actor: Actor) -> Key:
    """Put a paused key back to work. Raises KeyGone."""
    with _locked(key) as key:
        if key.paused_at:
            key.paused_at = None
            key.save(update_fields=["paused_at"])
            AuditEntry.objects.record(key.team, KeyAction.RESUMED, key, actor=actor)
    return key


def make_default(key: Key, actor: Actor) -> Key:
    """Send new work with this key first, as long as it is usable. Raises KeyGone."""
    with _locked(key) as key:
        if not key.is_default:
            _set_default(key)
            AuditEntry.objects.record(key.team, KeyAction.DEFAULT, key, actor=actor)
    return key


def move_key(key: Key, to: Direction, actor: Actor) -> bool:
    """Let it change places with its neighbour: "up" is tried earlier. False where there is none to pass.

    The default is tried first wherever it stands, so nothing passes it. Raises KeyGone.
    """
    with _locked(key) as key:
        keys = list(Key.objects.serving().filter(team=key.team_id))
        here = keys.index(key)
        there = here - 1 if to == "up" else here + 1
        if not 0 <= there < len(keys) or keys[here].is_default or keys[there].is_default:
            return False
        keys[here], keys[there] = keys[there], keys[here]
        for position, each in enumerate(keys):
            Key.objects.filter(pk=each.pk).update(position=position)
        AuditEntry.objects.record(key.team, KeyAction.ORDERED, key, actor=actor, to=to)
    return True


# The end of a key ----------------------------------------------------------------------------------------------


def remove_key(key: Key, actor: Actor) -> Key:
    """Take it out of use: it retires, and its secret goes once no work in flight needs it. Raises KeyGone.

    If it was the default, its successor takes over.
    """
    with _locked(key) as key:
        key.retire()
        _choose_default_among(list(Key.objects.serving().filter(team=key.team_id)))
        AuditEntry.objects.record(key.team, KeyAction.REMOVED, key, actor=actor)
    return key


def destroy_key(key: Key, actor: Actor) -> Key:
    """Destroy its secret now, whatever is in flight, whether it serves or retires. Raises KeyGone."""
    with _locked(key, also_retiring=True) as key:
        action = KeyAction.DESTROYED if key.retiring_since else KeyAction.REMOVED
        key.destroy_secret()
        _choose_default_among(list(Key.objects.serving().filter(team=key.team_id)))
        AuditEntry.objects.record(key.team, action, key, actor=actor, at_once=True)
    return key


@transaction.atomic
def finish_retirement(key: Key, actor: Actor = SITE) -> bool:
    """Nothing needs the retiring key any more: destroy its secret. False when somebody did meanwhile."""
    key.team.lock()
    retiring = Key.objects.retiring().filter(pk=key.pk)
    gone = {"encrypted_secret": "", "removed_at": timezone.now(), "pending_count": 0, "undecided_count": 0}
    if not retiring.update(**gone):
        return False
    AuditEntry.objects.record(key.team, KeyAction.DESTROYED, key, actor=actor)
    return True


@contextmanager
def _locked(key: Key, *, also_retiring: bool = False) -> Iterator[Key]:
    """The key as it is now, in a transaction in which nobody else changes the team's keys. Raises KeyGone."""
    with transaction.atomic():
        key.team.lock()
        keys = Key.objects.present() if also_retiring else Key.objects.serving()
        current = keys.select_related("team").filter(pk=key.pk).first()
        if current is None:
            raise KeyGone
        yield current


def _choose_default_among(serving: Sequence[Key]) -> None:
    """Give the team a default if it lost its own: the first that works, or the first at all."""
    if serving and not any(key.is_default for key in serving):
        _set_default(next((key for key in serving if key.is_usable), serving[0]))


def _set_default(key: Key) -> None:
    Key.objects.filter(team=key.team_id, is_default=True).update(is_default=False)
    key.is_default = True
    key.save(update_fields=["is_default"])
