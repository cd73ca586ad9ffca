"""The doctor says in words what is wrong, and what to do; exit 1 if anything is."""

import io
import shutil
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from dj_queue.models import Process
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from hubportal.accounts.oidc_settings import openid_connect
from hubportal.keys.models import Key
from hubportal.notifications.channel_models import TeamChannel
from hubportal.operations import doctor
from hubportal.operations.doctor import Finding, examine
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from hubportal.teams.oidc_settings import parse_oidc_teams
from hubportal.usage.models import AccountBalance, BilledGeneration, EntryKind, LedgerEntry
from tests import makers

pytestmark = pytest.mark.django_db


def found(what: str) -> Finding:
    return next(finding for finding in examine() if finding.part == what)


def beat(seconds_ago: float = 0, *parts: str) -> None:
    """The worker's parts as the engine writes them down, last heard of so long ago."""
    at = timezone.now() - timedelta(seconds=seconds_ago)
    for part in parts or ("Supervisor", "Worker", "Dispatcher", "Scheduler"):
        Process.objects.create(kind=part, pid=1, hostname="here", name=f"{part}-1", last_heartbeat_at=at)


def test_a_site_in_order_is_told_so_and_exits_well(team: Team, sandbox: RunningSandbox) -> None:
    makers.make_key(team)
    beat()
    out = io.StringIO()

    call_command("doctor", stdout=out)

    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["ok", what]
        for what in ("database", "keyring", "storage", "hub", "worker", "clock", "totals", "ledger", "sign-on")
    ]
    assert "sandbox" in lines[3]


def test_what_is_wrong_is_told_with_the_rest_and_exits_badly(db: None) -> None:
    out = io.StringIO()

    with pytest.raises(CommandError, match="2 of 9"):
        call_command("doctor", stdout=out)

    said = {line[11:].split()[0]: line for line in out.getvalue().splitlines()}
    assert said["hub"].startswith("not right")
    assert "can't be reached" in said["hub"]
    assert said["worker"].startswith("not right")
    assert said["database"].startswith("ok")


def test_missing_migrations_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [1, 2, 3])

    assert found("database") == Finding(False, "database", "lacks 3 migrations: run ./bin/manage migrate.")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="WAL is SQLite's")
def test_a_database_out_of_wal_mode_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_select_one", lambda query: "delete")

    assert "instead of WAL" in found("database").message


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's alone")
def test_a_database_that_may_forget_what_was_committed_is_noticed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")

    assert "paid twice" in found("database").message


def test_a_database_that_is_down_is_told_once_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise DatabaseError("no such host\nand a long story")

    monkeypatch.setattr(connection, "ensure_connection", down)

    findings = {finding.part: finding for finding in examine()}

    assert "no such host)" in findings["database"].message
    assert not findings["keyring"].ok
    assert findings["storage"].ok


@pytest.mark.parametrize("keyring", ["nonsense", "a:c2hvcnQ="])
def test_an_unreadable_keyring_is_told_without_quoting_it(settings: Any, keyring: str) -> None:
    settings.KEYRING = keyring

    finding = found("keyring")

    assert (finding.ok, "entry 1" in finding.message) == (False, True)
    assert keyring not in finding.message


def test_a_keyring_that_lacks_an_entry_names_it_and_the_keys(team: Team, settings: Any) -> None:
    key = makers.make_key(team)
    settings.KEYRING = settings.KEYRING.replace("t1:", "other:")

    finding = found("keyring")

    assert not finding.ok
    assert str(key) in finding.message
    assert "'t1'" in finding.message


def channel_of(team: Team) -> TeamChannel:
    return TeamChannel.objects.create_sealed(team, "Studio", "slack://a/b/c", [], None)


def test_a_keyring_that_lacks_an_entry_names_the_channels_sealed_with_it(team: Team, settings: Any) -> None:
    channel_of(team)
    settings.KEYRING = settings.KEYRING.replace("t1:", "other:")

    finding = found("keyring")

    assert not finding.ok
    assert "The channel Studio of studio-north was sealed with entry 't1', which KEYRING lacks" in finding.message
    assert "add the channel anew" in finding.message


def test_a_channel_whose_address_was_altered_is_named(team: Team) -> None:
    channel = channel_of(team)
    TeamChannel.objects.update(encrypted=channel.encrypted[:-8] + "AAAAAAA=")

    finding = found("keyring")

    assert (finding.ok, "The channel Studio of studio-north doesn't open" in finding.message) == (False, True)


def test_channels_count_among_what_opens_and_what_waits_for_the_newest_entry(team: Team, settings: Any) -> None:
    makers.make_key(team)
    channel_of(team)
    newest = found("keyring").message
    settings.KEYRING = f"t2:{settings.KEYRING.partition(':')[2]},{settings.KEYRING}"

    assert newest == "opens all 1 channels, 1 stored keys and 0 second steps, sealed with entry t1."
    assert found("keyring").message == "opens everything; 2 of 2 wait for ./bin/manage rotate_keyring."


def test_a_key_that_was_altered_is_named(team: Team) -> None:
    key = makers.make_key(team)
    Key.objects.filter(pk=key.pk).update(encrypted_secret=key.encrypted_secret[:-8] + "AAAAAAA=")

    assert "doesn't open" in found("keyring").message


def test_second_steps_of_signing_in_are_counted_and_told_when_they_do_not_open(team: Team, settings: Any) -> None:
    TOTP.activate(team.memberships.get(role="owner").user, "SECRET")
    before = found("keyring")
    settings.KEYRING = settings.KEYRING.replace("t1:", "other:")

    after = found("keyring")

    assert (before.ok, "0 stored keys and 1 second steps" in before.message) == (True, True)
    assert (after.ok, "second steps of signing in that don't open: 1" in after.message) == (False, True)
    assert "'t1'" in after.message


def test_keys_that_wait_for_rotation_are_told_and_are_no_fault(team: Team, settings: Any) -> None:
    makers.make_key(team)
    settings.KEYRING = "t2:" + "QUJD" * 10 + "QUI=," + settings.KEYRING

    finding = found("keyring")

    assert finding.ok
    assert "1 of 1 wait for ./bin/manage rotate_keyring" in finding.message


def test_a_folder_that_cannot_be_written_is_named(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "file"

    finding = found("storage")

    assert not finding.ok
    assert str(tmp_path / "file") in finding.message


def test_the_doctor_leaves_nothing_behind(settings: Any) -> None:
    assert found("storage").ok

    assert not list(Path(settings.MEDIA_ROOT).iterdir())


def test_little_room_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(free=200 * 1024**2))

    assert "only 200 MB" in found("storage").message


@pytest.mark.parametrize("url", ["not an address", "ftp://hub.example", "http://user:pass@hub.example"])
def test_an_address_that_is_none_is_told(settings: Any, url: str) -> None:
    settings.HUB_BASE_URL = url

    finding = found("hub")

    assert (finding.ok, "HUB_BASE_URL" in finding.message) == (False, True)


def test_a_page_instead_of_a_hub_is_told(settings: Any, live_server: Any) -> None:
    settings.HUB_BASE_URL = live_server.url

    assert "not a hub" in found("hub").message


@pytest.mark.parametrize("ago", [31, 3600])
def test_a_worker_that_went_silent_is_noticed(ago: float) -> None:
    beat(ago)

    assert "worker, dispatcher, scheduler" in found("worker").message


def test_a_worker_without_its_scheduler_is_noticed() -> None:
    beat(0, "Supervisor", "Worker", "Dispatcher")

    assert "(scheduler)" in found("worker").message


def test_a_record_from_the_future_means_a_wrong_clock(team: Team) -> None:
    generation = makers.make_generation(team, team.memberships.get(role="owner").user)
    assert found("clock").ok
    type(generation).objects.filter(pk=generation.pk).update(created_at=timezone.now() + timedelta(hours=2))

    assert "set it by NTP" in found("clock").message


def test_a_ledger_that_has_other_credits_than_the_hub_said_is_noticed(team: Team) -> None:
    owner = team.memberships.get(role="owner").user
    assert "agrees" in found("ledger").message
    LedgerEntry.objects.record(BilledGeneration(uuid.uuid4(), team.pk, owner.pk, None, "m"), EntryKind.CHARGE, 8)

    said = found("ledger")

    assert (said.ok, team.slug in said.message) == (False, True)


def test_credits_that_wait_to_be_explained_are_told_and_are_no_fault(team: Team) -> None:
    now = timezone.now()
    AccountBalance.objects.create(team=team, balance=10, told_at=now, looked_at=now, difference=-24)

    said = found("ledger")

    assert (said.ok, "24 credits" in said.message) == (True, True)


@pytest.fixture
def signed_on(settings: Any) -> Any:
    """`signed_on("mina", {…}, days_ago=2)`: mina's last sign-in by the provider, with these claims in the ID token."""
    whole = {"issuer": "https://login.example.org", "client_id": "a", "secret": "b", "name": "Studio Login"}
    settings.SOCIALACCOUNT_PROVIDERS = openid_connect(**whole)
    settings.OIDC_TEAMS_CLAIM = "groups"
    settings.OIDC_TEAMS = parse_oidc_teams("groups", ["painters=studio:member"], provider=True)

    def made(name: str, claims: dict[str, Any], *, days_ago: int = 0) -> None:
        user = makers.make_user(f"{name}@example.org")
        told = {"userinfo": {"sub": name}, "id_token": {"sub": name, **claims}}
        account = SocialAccount.objects.create(user=user, provider="sso", uid=name, extra_data=told)
        at = timezone.now() - timedelta(days=days_ago)
        SocialAccount.objects.filter(pk=account.pk).update(last_login=at)

    return made


def test_sign_ons_that_told_everything_are_counted(signed_on: Any) -> None:
    signed_on("mina", {"groups": []})
    signed_on("nora", {"groups": ["painters"]})

    assert found("sign-on") == Finding(
        True, "sign-on", "by the provider told the claim 'groups' of all 2 people who used it in 30 days."
    )


def test_sign_ons_that_did_not_tell_the_claim_are_a_problem_for_thirty_days(signed_on: Any) -> None:
    signed_on("anna", {"groups": ["painters"]})
    signed_on("mina", {"_claim_names": {"groups": "src1"}})
    signed_on("nora", {})
    signed_on("long-ago", {}, days_ago=31)

    finding = found("sign-on")

    assert not finding.ok
    assert "untold for 2 of 3 people" in finding.message
    assert "(missing: 1, too many values to list: 1, no list of words: 0)" in finding.message


def test_a_provider_that_gives_no_places_is_asked_for_no_claim(signed_on: Any, settings: Any) -> None:
    settings.OIDC_TEAMS_CLAIM, settings.OIDC_TEAMS = "", ()
    signed_on("mina", {})

    assert found("sign-on") == Finding(True, "sign-on", "by Studio Login, which gives no places in teams.")
