"""What may be misconfigured, looked at one thing after the other, and told in words with what to do about it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from dj_queue.models import Process
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone

from hubportal.accounts import two_factor
from hubportal.encryption import DecryptionError, KeyringEntryMissing, encrypted_with, keyring
from hubportal.generations.models import Generation
from hubportal.hub.errors import HubError, HubGarbled, HubUnreachable
from hubportal.keys.clients import client_without_key, try_to_open
from hubportal.keys.models import Key
from hubportal.lifecycle.file_check import check_files
from hubportal.usage.models import LedgerEntry

LEAST_FREE = 1024**3  # bytes: some hundred pictures
SIGN_OF_LIFE = timedelta(seconds=30)
WORKER_PARTS = ("Worker", "Dispatcher", "Scheduler")
CLOCKS_APART = timedelta(minutes=1)


class NotRightError(Exception):
    """Says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    what: str
    words: str


def examine() -> Iterator[Finding]:
    """A finding for each part of the site, in the order in which one would mend them."""
    for what, look in PARTS.items():
        try:
            yield Finding(True, what, look())
        except NotRightError as wrong:
            yield Finding(False, what, str(wrong))
        except DatabaseError:
            yield Finding(False, what, "can't be told before the database is right.")


def database() -> str:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        said = str(error).strip().partition("\n")[0]
        raise NotRightError(f"can't be reached ({said}): check DATABASE_URL and that it runs.") from None
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotRightError(f"lacks {len(missing)} migrations: run ./bin/manage migrate.")
    if connection.vendor == "sqlite" and (mode := _first_cell("PRAGMA journal_mode")) != "wal":
        raise NotRightError(f"is in {mode} mode instead of WAL: put it on a local disk, not on a network share.")
    return f"{connection.display_name}, reachable and migrated."


def _first_cell(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def seals() -> str:
    try:
        entries = list(keyring())
    except ImproperlyConfigured as error:
        raise NotRightError(f"can't be read. {error} Mend KEYRING.") from None
    keys = list(Key.objects.exclude(sealed="").order_by("pk"))
    steps = two_factor.examine_all()
    if broken := [said for key in keys if (said := _broken(key))] + _shut(steps.broken):
        raise NotRightError(" ".join(broken))
    sealed, older = (
        len(keys) + steps.sealed,
        sum(encrypted_with(key.sealed) != entries[0] for key in keys) + steps.older,
    )
    if older:
        return f"opens everything; {older} of {sealed} wait for ./bin/manage rotate_keyring."
    spare = f"; {', '.join(entries[1:])} may go" if entries[1:] else ""
    return f"opens all {len(keys)} stored keys and {steps.sealed} second steps, sealed with entry {entries[0]}{spare}."


def _shut(steps: list[str]) -> list[str]:
    if not steps:
        return []
    return [
        f"There are second steps of signing in that don't open: {len(steps)}, the first is {steps[0]}. Put the entry "
        "back, or remove them, so that these people can sign in and set up two-factor anew."
    ]


def _broken(key: Key) -> str:
    try:
        try_to_open(key)
    except KeyringEntryMissing as error:
        return f"{key} was sealed with entry {error.entry!r}, which KEYRING lacks: put it back, or add the key anew."
    except DecryptionError:
        return f"{key} doesn't open, it was altered or moved: remove it on the keys page and add it anew."
    return ""


def storage() -> str:
    try:
        name = default_storage.save("doctor", ContentFile(b"doctor"))
        default_storage.delete(name)
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as upload:
            upload.write(b"doctor")
    except OSError as error:
        raise NotRightError(f"can't be written ({error}): give the site's user the right to.") from None
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < LEAST_FREE:
        raise NotRightError(f"has only {free / 1024**2:,.0f} MB left at {settings.DATA_DIR}: make room there.")
    return f"writable, {free / 1024**3:,.0f} GB free."


def hub() -> str:
    url = settings.HUB_BASE_URL
    try:
        heard = client_without_key().models()
    except ValueError as error:
        raise NotRightError(f"HUB_BASE_URL is {url!r}: {error}.") from None
    except HubUnreachable as error:
        raise NotRightError(f"{url} can't be reached ({error}): check HUB_BASE_URL and the way out.") from None
    except HubGarbled as error:
        raise NotRightError(f"{url} is not a hub, or a proxy answers for it ({error}): check HUB_BASE_URL.") from None
    except HubError as error:
        raise NotRightError(f"{url} did not tell its models ({error}): try again later.") from None
    if not heard.models:
        raise NotRightError(f"{url} offers no models: ask its operators.")
    return f"{url} offers {len(heard.models)} models{'; it is the sandbox' if heard.sandbox else ''}."


def worker() -> str:
    alive = timezone.now() - SIGN_OF_LIFE
    seen = dict(Process.objects.values_list("kind").annotate(seen=Max("last_heartbeat_at")))
    silent = [part for part in WORKER_PARTS if part not in seen or seen[part] < alive]
    if silent:
        raise NotRightError(
            f"has given no sign of life for {SIGN_OF_LIFE.seconds} seconds ({', '.join(silent).lower()}), so no "
            "picture is sent or fetched: start ./bin/run, or manage.py dj_queue beside your own server."
        )
    return "alive."


def clock() -> str:
    now = timezone.now()
    if connection.vendor == "postgresql":
        told = _first_cell("SELECT clock_timestamp()")
        if isinstance(told, datetime) and abs(told - now) > CLOCKS_APART:
            raise NotRightError(
                f"differs from the database's, which says {told:%Y-%m-%d %H:%M:%S %Z}: set both by NTP."
            )
    newest = _newest_record()
    if newest and newest > now + CLOCKS_APART:
        raise NotRightError(
            f"says {now:%Y-%m-%d %H:%M} UTC, but a record is from {newest:%Y-%m-%d %H:%M}: set it by NTP."
        )
    return f"says {now:%Y-%m-%d %H:%M:%S} UTC, and no record is from the future."


def _newest_record() -> datetime | None:
    made: datetime | None = Generation.objects.aggregate(newest=Max("created_at"))["newest"]
    written: datetime | None = LedgerEntry.objects.aggregate(newest=Max("written_at"))["newest"]
    return max((moment for moment in (made, written) if moment), default=None)


def files(say: Callable[[str], object]) -> Finding:
    """Compare stored files with the rows that know of them; `say` is given a line for each that lacks the other."""
    strays = missing = 0
    for fault in check_files():
        strays, missing = strays + fault.has_file, missing + (not fault.has_file)
        say(f"file without a row  {fault.name}" if fault.has_file else f"row without a file  {fault.name}")
    if not (strays or missing):
        return Finding(True, "files", "each has its row, and each row its files.")
    words = f"without a row: {strays}, missing: {missing}. See docs/operations.md, Stored files."
    return Finding(False, "files", words)


PARTS: dict[str, Callable[[], str]] = {
    "database": database,
    "keyring": seals,
    "storage": storage,
    "hub": hub,
    "worker": worker,
    "clock": clock,
}
