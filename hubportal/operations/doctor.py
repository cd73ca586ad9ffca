"""What may be misconfigured: each part of the site is examined, and told in words with what to do about it."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from dj_queue.models import Process
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.models import Max
from django.utils import timezone

from hubportal.accounts.oidc_settings import provider_name
from hubportal.accounts.two_factor import check_authenticators
from hubportal.encryption import DecryptionError, KeyringEntryMissing, encrypted_with, keyring
from hubportal.generations.account_checks import teams_whose_costs_differ
from hubportal.generations.models import Generation
from hubportal.hub.errors import HubError, HubGarbled, HubUnreachable
from hubportal.keys.clients import check_decrypts, client_without_key
from hubportal.keys.models import Key
from hubportal.lifecycle.file_check import check_files
from hubportal.notifications.channel_models import TeamChannel
from hubportal.notifications.channels import check_opens
from hubportal.operations.checks import count_missing_migrations, describe_connection_shortage
from hubportal.teams.models import Team
from hubportal.teams.oidc_claim import NotTold, count_not_told
from hubportal.usage.accounts import drift
from hubportal.usage.models import LedgerEntry
from hubportal.usage.totals_check import teams_that_differ

MIN_FREE_BYTES = 1024**3  # some hundred pictures
HEARTBEAT_TIMEOUT = timedelta(seconds=30)
WORKER_PARTS = ("Worker", "Dispatcher", "Scheduler")
MAX_CLOCK_SKEW = timedelta(minutes=1)
SIGN_ONS_EXAMINED = timedelta(days=30)


class Problem(Exception):
    """Says what is wrong and what to do, as the end of a sentence that begins with the part's name."""


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    part: str
    message: str


def examine() -> Iterator[Finding]:
    """A finding for each part of the site, in the order in which one would repair them."""
    for part, check in CHECKS.items():
        try:
            yield Finding(True, part, check())
        except Problem as problem:
            yield Finding(False, part, str(problem))
        except DatabaseError:
            yield Finding(False, part, "can't be told before the database is right.")


def check_database() -> str:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = str(error).strip().partition("\n")[0]
        raise Problem(f"can't be reached ({reason}): check DATABASE_URL and that it runs.") from None
    if missing := count_missing_migrations():
        raise Problem(f"lacks {missing} migrations: run ./bin/manage migrate.")
    if connection.vendor == "sqlite" and (mode := _select_one("PRAGMA journal_mode")) != "wal":
        raise Problem(f"is in {mode} mode instead of WAL: put it on a local disk, not on a network share.")
    if connection.vendor == "postgresql" and _select_one("SHOW synchronous_commit") == "off":
        raise Problem(
            "has synchronous_commit off: a crash of it may forget that an order was being sent, which is then sent and "
            "paid twice. Turn it on for this database."
        )
    if shortage := describe_connection_shortage():
        raise Problem(shortage)
    return f"{connection.display_name}, reachable and migrated."


def _select_one(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def check_keyring() -> str:
    try:
        entries = list(keyring())
    except ImproperlyConfigured as error:
        raise Problem(f"can't be read. {error} Correct KEYRING.") from None
    keys = list(Key.objects.exclude(encrypted_secret="").order_by("pk"))
    channels = list(TeamChannel.objects.select_related("team").order_by("pk"))
    steps = check_authenticators()
    problems = [_problem_of(str(key), "key", partial(check_decrypts, key)) for key in keys]
    problems += [
        _problem_of(f"The channel {channel} of {channel.team.slug}", "channel", partial(check_opens, channel))
        for channel in channels
    ]
    if steps.undecryptable:
        problems.append(
            f"There are second steps of signing in that don't open: {len(steps.undecryptable)}, the first is "
            f"{steps.undecryptable[0]}. Put the entry back, or remove them, so that these people can sign in and set "
            "up two-factor anew."
        )
    if any(problems):
        raise Problem(" ".join(filter(None, problems)))
    sealed = [*(key.encrypted_secret for key in keys), *(channel.encrypted for channel in channels)]
    total = len(sealed) + steps.encrypted
    older = sum(encrypted_with(one) != entries[0] for one in sealed) + steps.older
    if older:
        return f"opens everything; {older} of {total} wait for ./bin/manage rotate_keyring."
    unused = f"; {', '.join(entries[1:])} may go" if entries[1:] else ""
    what = f"all {len(channels)} channels, {len(keys)} stored keys and {steps.encrypted} second steps"
    return f"opens {what}, sealed with entry {entries[0]}{unused}."


def _problem_of(name: str, what: str, check: Callable[[], None]) -> str:
    try:
        check()
    except KeyringEntryMissing as error:
        return (
            f"{name} was sealed with entry {error.entry!r}, which KEYRING lacks: put it back, or add the {what} anew."
        )
    except DecryptionError:
        return f"{name} doesn't open, it was altered or moved: remove it on the {what}s page and add it anew."
    return ""


def check_storage() -> str:
    try:
        name = default_storage.save("doctor", ContentFile(b"doctor"))
        default_storage.delete(name)
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as upload:
            upload.write(b"doctor")
    except OSError as error:
        raise Problem(f"can't be written ({error}): give the site's user the right to.") from None
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free < MIN_FREE_BYTES:
        raise Problem(f"has only {free / 1024**2:,.0f} MB left at {settings.DATA_DIR}: make room there.")
    return f"writable, {free / 1024**3:,.0f} GB free."


def check_hub() -> str:
    url = settings.HUB_BASE_URL
    try:
        offer = client_without_key().models()
    except ValueError as error:
        raise Problem(f"HUB_BASE_URL is {url!r}: {error}.") from None
    except HubUnreachable as error:
        raise Problem(f"{url} can't be reached ({error}): check HUB_BASE_URL and the way out.") from None
    except HubGarbled as error:
        raise Problem(f"{url} is not a hub, or a proxy answers for it ({error}): check HUB_BASE_URL.") from None
    except HubError as error:
        raise Problem(f"{url} did not tell its models ({error}): try again later.") from None
    if not offer.models:
        raise Problem(f"{url} offers no models: ask its operators.")
    return f"{url} offers {len(offer.models)} models{'; it is the sandbox' if offer.sandbox else ''}."


def check_worker() -> str:
    earliest = timezone.now() - HEARTBEAT_TIMEOUT
    seen = dict(Process.objects.values_list("kind").annotate(seen=Max("last_heartbeat_at")))
    silent = [part for part in WORKER_PARTS if part not in seen or seen[part] < earliest]
    if silent:
        raise Problem(
            f"has given no sign of life for {HEARTBEAT_TIMEOUT.seconds} seconds ({', '.join(silent).lower()}), so no "
            "picture is sent or fetched: start ./bin/run, or manage.py dj_queue beside your own server."
        )
    return "alive."


def check_clock() -> str:
    now = timezone.now()
    if connection.vendor == "postgresql":
        theirs = _select_one("SELECT clock_timestamp()")
        if isinstance(theirs, datetime) and abs(theirs - now) > MAX_CLOCK_SKEW:
            raise Problem(f"differs from the database's, which says {theirs:%Y-%m-%d %H:%M:%S %Z}: set both by NTP.")
    created: datetime | None = Generation.objects.aggregate(newest=Max("created_at"))["newest"]
    written: datetime | None = LedgerEntry.objects.aggregate(newest=Max("written_at"))["newest"]
    newest = max((moment for moment in (created, written) if moment), default=now)
    if newest > now + MAX_CLOCK_SKEW:
        raise Problem(f"says {now:%Y-%m-%d %H:%M} UTC, but a record is from {newest:%Y-%m-%d %H:%M}: set it by NTP.")
    return f"says {now:%Y-%m-%d %H:%M:%S} UTC, and no record is from the future."


def check_totals() -> str:
    if teams := teams_that_differ():
        raise Problem(f"of usage differ from the ledger in {_names(teams)}: run ./bin/manage rebuild_totals.")
    return "of usage by day and by month agree with the ledger."


def check_ledger() -> str:
    if teams := teams_whose_costs_differ():
        raise Problem(
            f"has other credits than the hub said its pictures cost in {_names(teams)}: please report this with the "
            "team's usage.csv; nothing is spent wrongly by it."
        )
    if credits := drift():
        return (
            f"agrees with what the hub said of each picture; {credits} credits of the accounts' balances wait to be "
            "explained (the usage page says by what)."
        )
    return "agrees with what the hub said of each picture and of each account."


def _names(teams: Sequence[Team]) -> str:
    return ", ".join(team.slug for team in teams[:5]) + (" and others" if len(teams) > 5 else "")


def check_sign_on() -> str:
    if not settings.SOCIALACCOUNT_PROVIDERS:
        return "by a provider is not set up."
    if not settings.OIDC_TEAMS:
        return f"by {provider_name(settings.SOCIALACCOUNT_PROVIDERS)}, which gives no places in teams."
    people, not_told = count_not_told(timezone.now() - SIGN_ONS_EXAMINED)
    claim, days = settings.OIDC_TEAMS_CLAIM, SIGN_ONS_EXAMINED.days
    if not_told:
        raise Problem(
            f"by the provider left the claim {claim!r} untold for {not_told.total()} of {people} people in {days} days "
            f"(missing: {not_told[NotTold.MISSING]}, too many values to list: {not_told[NotTold.TOO_MANY]}, no list of "
            f"words: {not_told[NotTold.UNREADABLE]}); their places in teams stay as they are. See docs/operations.md, "
            "Single sign-on."
        )
    return f"by the provider told the claim {claim!r} of all {people} people who used it in {days} days."


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


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "keyring": check_keyring,
    "storage": check_storage,
    "hub": check_hub,
    "worker": check_worker,
    "clock": check_clock,
    "totals": check_totals,
    "ledger": check_ledger,
    "sign-on": check_sign_on,
}
