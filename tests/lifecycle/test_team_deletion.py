"""A team whose time is up goes whole, whatever happens on the way, and takes nothing of another team along."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.collections.changes import make_collection
from hubportal.gallery.collections.order import add_to_collection
from hubportal.gallery.models import BulkChange, Conversion, SavedFilter, Selection
from hubportal.gallery.tags.tagging import add_tags
from hubportal.generations.models import Generation, Image, Reference, ReferenceFile
from hubportal.keys.models import Key
from hubportal.lifecycle import tasks, team_deletion
from hubportal.notifications.channel_models import TeamChannel
from hubportal.notifications.models import Notification
from hubportal.teams.models import Invitation, Team
from hubportal.usage.models import (
    AccountBalance,
    Budget,
    BudgetRequest,
    DefaultProject,
    EntryKind,
    LedgerEntry,
    MonthlyReport,
    OrderLimit,
    Project,
    Reservation,
    Scope,
)
from tests import makers
from tests.gallery.kept import keep

SAME_BYTES = "5a" * 32


def fill(team: Team, author: Any) -> SimpleNamespace:
    """One of everything a team can have; the reference has the same content in every team."""
    key = makers.make_key(team)
    stored = ReferenceFile(
        team=team, added_by=author, sha256=SAME_BYTES, content_type="image/png", size=9, width=4, height=3
    )
    stored.file.save("boat", ContentFile(makers.picture_bytes()))
    stored.record_thumb(b"webp")
    first = makers.make_generation(team, author)
    first.record_cancelled()
    second, _ = Generation.objects.create_waiting(
        team, author, first.parameters, visibility=first.visibility, price=8, parent=first
    )
    Reference.objects.create(generation=second, stored=stored, position=0, name="boat.png")
    LedgerEntry.objects.record(second.work, EntryKind.CHARGE, 8)
    Invitation.objects.create(team=team, email="nora@example.org", role="member")
    told = Notification.objects.create(team=team, user=author, event="generation.failed", permission="look", link="/")
    told.deliveries.create(channel="email")
    TeamChannel.objects.create_sealed(team, "Studio", "slack://a/b/c", [], None)
    project = Project.objects.create(team=team, name="Harbour")
    second.record_project(project)
    DefaultProject.objects.create(team=team, user=author, project=project)
    budget = Budget.objects.create(team=team, scope=Scope.PROJECT, project=project, credits=100)
    BudgetRequest.objects.create(budget=budget, asked_by=author, credits=50)
    OrderLimit.objects.create(team=team, role="member", pictures_an_hour=10)
    now = timezone.now()
    MonthlyReport.objects.create(team=team, month=now.date().replace(day=1))
    AccountBalance.objects.create(account=key.account, team=team, balance=1000, told_at=now, looked_at=now)
    image = keep(second)
    selection = Selection.objects.create(team=team, person=author, is_all=True)
    SavedFilter.objects.create(team=team, person=author, name="Boats", key="boats", query="?q=boat")
    change = BulkChange.objects.create(team=team, person=author, selection=selection, act="bin")
    change.items.create(image=image)
    Conversion.objects.create(team=team, image=image, asked_by=author, format="webp", side=0)
    add_tags(image, ["harbour"])
    add_to_collection(make_collection(team, "Harbour", actor=Actor(author)), image)
    return SimpleNamespace(key=key, image=image, generation=second, stored=stored)


def time_is_up(team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(deletion_at=timezone.now() - timedelta(seconds=1))


def files_of(team_id: int) -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(str(path) for kind in ("pictures", "references") for path in (root / kind / str(team_id)).rglob("*"))


def rows_of(team_id: int) -> dict[str, int]:
    """How many rows of each table name this team; the audit log outlives it."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, models.ForeignKey) and field.related_model is Team and model is not AuditEntry:
                found[model.__name__] = models.QuerySet(model).filter(**{field.name: team_id}).count()
    return found


@pytest.fixture
def full(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, with a full team and another one beside it."""
    other = cast.stranger.memberships.get().team
    return SimpleNamespace(
        **vars(cast), other=other, theirs=fill(other, cast.stranger), ours=fill(cast.team, cast.member)
    )


def test_a_team_whose_time_is_up_goes_with_everything_it_had(full: SimpleNamespace) -> None:
    pk = full.team.pk
    assert all(rows_of(pk).values())
    assert len([path for path in files_of(pk) if Path(path).is_file()]) == 5
    time_is_up(full.team)

    assert team_deletion.delete_due_team() is False

    assert not Team.objects.filter(pk=pk).exists()
    assert not any(rows_of(pk).values())
    assert not files_of(pk)
    assert not Reference.objects.filter(stored=full.ours.stored.pk).exists()


def test_another_team_keeps_everything_also_a_file_of_the_same_content(full: SimpleNamespace) -> None:
    rows, files = rows_of(full.other.pk), files_of(full.other.pk)
    time_is_up(full.team)

    team_deletion.delete_due_team()

    assert (rows_of(full.other.pk), files_of(full.other.pk)) == (rows, files)
    assert Key.objects.get(pk=full.theirs.key.pk).encrypted_secret
    assert full.theirs.stored.file.read() == makers.picture_bytes()


def test_a_team_with_a_longer_number_is_another_team(full: SimpleNamespace) -> None:
    longer = Path(default_storage.path(f"pictures/{full.team.pk}0"))
    longer.mkdir(parents=True)
    (longer / "theirs.png").write_bytes(b"x")
    time_is_up(full.team)

    team_deletion.delete_due_team()

    assert (longer / "theirs.png").exists()


def test_before_its_time_nothing_goes(full: SimpleNamespace) -> None:
    makers.schedule_deletion(full.team, full.owner)
    rows, files = rows_of(full.team.pk), files_of(full.team.pk)

    assert team_deletion.delete_due_team() is False

    assert (rows_of(full.team.pk), files_of(full.team.pk)) == (rows, files)


def test_the_audit_log_says_so_once_and_outlives_the_team(full: SimpleNamespace) -> None:
    pk = full.team.pk
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    time_is_up(full.team)

    team_deletion.delete_due_team()
    team_deletion.delete_due_team()

    entry = AuditEntry.objects.exclude(pk__in=before).get(action="team.deleted")
    assert (entry.team_id, entry.about, entry.by, entry.about_id) == (pk, "Studio North", None, str(pk))


def test_files_that_no_row_knows_of_go_too(full: SimpleNamespace) -> None:
    stray = Path(default_storage.path(f"pictures/{full.team.pk}/2026/11/lost/picture.png"))
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half a pict")
    time_is_up(full.team)

    team_deletion.delete_due_team()

    assert not stray.exists()
    assert not files_of(full.team.pk)


def test_a_large_team_goes_a_little_at_a_time(full: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_deletion, "DELETE_BATCH_SIZE", 2)
    monkeypatch.setattr(team_deletion, "MAX_BATCHES", 3)
    for _number in range(9):
        makers.make_generation(full.team, full.member)
    time_is_up(full.team)

    runs = 1
    while team_deletion.delete_due_team():
        runs += 1
        assert runs < 30

    assert runs > 2
    assert not Team.objects.filter(pk=full.team.pk).exists()


def test_from_the_first_step_nobody_gets_in_and_nothing_is_sent(
    full: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_deletion, "MAX_BATCHES", 0)
    for label in ("Spare", "Old"):
        makers.make_key(full.team, label=label)
    Key.objects.get(team=full.team, label="Old").retire()
    time_is_up(full.team)
    browser = Client()
    browser.force_login(full.owner, backend="allauth.account.auth_backends.AuthenticationBackend")

    team_deletion.delete_due_team()

    assert Team.objects.filter(pk=full.team.pk).exists()
    assert browser.get(f"/t/{full.team.slug}/gallery/").status_code == 404
    assert browser.get(f"/media/{full.ours.image.pk}/thumb").status_code == 404
    assert set(Key.objects.filter(team=full.team).values_list("encrypted_secret", flat=True)) == {""}


def test_the_ledger_forgets_a_team_whose_time_is_up_and_no_other(full: SimpleNamespace) -> None:
    assert LedgerEntry.objects.purge_deleted_team(full.team, 10) == 0

    time_is_up(full.team)

    assert LedgerEntry.objects.purge_deleted_team(full.team, 10) == 3
    assert {entry.team for entry in LedgerEntry.objects.all()} == {full.other}


def test_the_clocks_task_clears_and_comes_again_while_there_is_more(
    full: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[str] = []
    monkeypatch.setattr(type(tasks.delete_due_teams), "enqueue", lambda task: again.append(task.name))
    time_is_up(full.team)
    time_is_up(full.other)

    tasks.delete_due_teams.func()
    tasks.delete_due_teams.func()

    assert again == ["delete_due_teams"]
    assert not Team.objects.exists()


KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
from hubportal.lifecycle import team_deletion
team_deletion.DELETE_BATCH_SIZE = 1
left = int(sys.argv[3])
def step(execute, sql, params, many, context):
    global left
    if sql.lstrip().upper().startswith(("DELETE", "UPDATE")):
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)
with connection.execute_wrapper(step):
    team_deletion.delete_due_team()
"""


@pytest.mark.process
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("HUBPORTAL_TEST_DATABASE_URL" in os.environ, reason="the second process opens SQLite's file")
def test_killed_at_any_step_the_next_run_carries_on(cast: SimpleNamespace, settings: Any) -> None:
    other = cast.stranger.memberships.get().team
    fill(other, cast.stranger)
    fill(cast.team, cast.member)
    files, rows = files_of(other.pk), rows_of(other.pk)
    time_is_up(cast.team)

    codes = []
    for step in (0, 1, 3, 2, 4, 1, 2, 3):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(connection.settings_dict["NAME"]), str(settings.MEDIA_ROOT), str(step)],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        codes.append(done.returncode)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
    while team_deletion.delete_due_team():
        pass

    assert codes.count(-signal.SIGKILL) >= 3
    assert not any(rows_of(cast.team.pk).values())
    assert not Team.objects.filter(pk=cast.team.pk).exists()
    assert not files_of(cast.team.pk)
    assert (files_of(other.pk), rows_of(other.pk)) == (files, rows)
    assert AuditEntry.objects.filter(action="team.deleted").count() == 1
    assert not Image.objects.filter(team=cast.team.pk).exists()
    assert not Reservation.objects.filter(team=cast.team.pk).exists()
