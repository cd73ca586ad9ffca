"""Deleting a team whose time is up: its secrets, its rows, its files, and at last itself.

The team's own row goes last, so whatever a crash leaves is found and deleted on the next run. Files go after the rows
that know of them, and by folder: also those that a worker stored meanwhile, or that no row knows of.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from hubportal.audit.models import AuditEntry
from hubportal.gallery.models import BulkChange, BulkChangeItem, Conversion, SavedFilter, Selection
from hubportal.generations.models import Generation, Image, Reference, ReferenceFile
from hubportal.keys.models import Key
from hubportal.notifications.channel_models import TeamChannel
from hubportal.notifications.models import Notification
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, LedgerEntry, MonthlyTotal, Reservation

DELETE_BATCH_SIZE = 500
# Batches a run: other tasks want the worker's threads, too.
MAX_BATCHES = 20


def delete_due_team() -> bool:
    """Delete some of the team that is due the longest. True while there is more to do, of it or of others."""
    team = Team.objects.past_grace().first()
    if team is None:
        return False
    _remove_access(team)
    if _delete_rows(team):
        for folder in ("pictures", "references"):
            _delete_folder(default_storage, f"{folder}/{team.pk}")
        _delete_team_row(team)
    return Team.objects.past_grace().exists()


@transaction.atomic
def _remove_access(team: Team) -> None:
    """Nobody gets in any more, and nothing can be sent: memberships, invitations, and the secrets of keys."""
    team.memberships.all().delete()
    team.invitations.all().delete()
    for key in Key.objects.present().filter(team=team):
        key.destroy_secret()


def _delete_rows(team: Team) -> bool:
    """Delete up to MAX_BATCHES batches of rows. True when none is left."""
    for _number in range(MAX_BATCHES):
        if not any(_delete_batch(rows) for rows in _rows_of(team)) and not LedgerEntry.objects.purge_deleted_team(
            team, DELETE_BATCH_SIZE
        ):
            return True
    return False


def _rows_of(team: Team) -> Iterator[QuerySet[Any]]:
    """The rows of a team, those that others refer to behind those."""
    yield BulkChangeItem.objects.filter(change__team=team)
    yield BulkChange.objects.filter(team=team)
    yield Conversion.objects.filter(team=team)
    yield Selection.objects.filter(team=team)
    yield SavedFilter.objects.filter(team=team)
    yield Image.objects.filter(team=team)
    yield Reference.objects.filter(generation__team=team)
    yield ReferenceFile.objects.filter(team=team)
    # One that was asked for again is referred to by the second.
    yield Generation.objects.filter(~Exists(Generation.objects.filter(parent=OuterRef("pk"))), team=team)
    yield TeamChannel.objects.filter(team=team)
    yield Notification.objects.filter(team=team)
    yield Reservation.objects.filter(team=team)
    yield DailyTotal.objects.filter(team=team)
    yield MonthlyTotal.objects.filter(team=team)


def _delete_batch(rows: QuerySet[Any]) -> int:
    """Delete some of the rows, and say how many went."""
    batch = rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)[:DELETE_BATCH_SIZE]))
    return int(batch.delete()[0])


def _delete_folder(storage: Storage, folder: str) -> None:
    """Delete a folder with all that is in it, also what no row knows of."""
    # Object stores have no folders: there this one is empty, not absent.
    with suppress(FileNotFoundError):
        folders, files = storage.listdir(folder)
        for name in files:
            storage.delete(f"{folder}/{name}")
        for name in folders:
            _delete_folder(storage, f"{folder}/{name}")
        storage.delete(folder)


@transaction.atomic
def _delete_team_row(team: Team) -> None:
    """Delete the team itself. Two workers may come to this; one of them does it, and records it."""
    due = Team.objects.past_grace().select_for_update().filter(pk=team.pk).first()
    if due is not None:
        due.delete()
        AuditEntry.objects.record(team, TeamAction.DELETED, team)
