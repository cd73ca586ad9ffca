"""Clearing away a team whose time is up: its secrets, its rows, its files, and at last itself.

The team's own row is the truth: it goes last, so whatever a crash leaves is found and cleared on the next run.
"""

from collections.abc import Iterator
from typing import Any

from django.core.files.storage import Storage, default_storage
from django.db import transaction
from django.db.models import QuerySet

from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation, Image, Reference, ReferenceFile
from hubportal.keys.models import Key
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry, Reservation

BATCH = 500
# Batches a run: other tasks want the worker's threads, too.
MOST = 20


def delete_next() -> bool:
    """Clear away some of the team that is due the longest. True while there is more to do."""
    team = Team.objects.past_grace().first()
    if team is None:
        return False
    _shut(team)
    if _rows_gone(team):
        for folder in ("pictures", "references"):
            _remove(default_storage, f"{folder}/{team.pk}")
        _close(team)
    return Team.objects.past_grace().exists()


@transaction.atomic
def _shut(team: Team) -> None:
    """Nobody gets in any more, and nothing can be sent."""
    team.memberships.all().delete()
    team.invitations.all().delete()
    for key in Key.objects.present().filter(team=team):
        key.remove()


def _rows_gone(team: Team) -> bool:
    """Delete up to MOST batches of rows. True when none is left."""
    for _batch in range(MOST):
        if not any(_delete_some(rows) for rows in _rows(team)) and not LedgerEntry.objects.forget(team, BATCH):
            return True
    return False


def _rows(team: Team) -> Iterator[QuerySet[Any]]:
    """The rows of a team, those that others refer to behind those."""
    yield Image.objects.filter(team=team)
    yield Reference.objects.filter(generation__team=team)
    yield ReferenceFile.objects.filter(team=team)
    # One that was asked for again is referred to by the second.
    yield Generation.objects.filter(team=team, retries=None)
    yield Reservation.objects.filter(team=team)


def _delete_some(rows: QuerySet[Any]) -> int:
    """Delete a batch, and say how many went."""
    batch = rows.model._default_manager.filter(pk__in=list(rows.values_list("pk", flat=True)[:BATCH]))
    return int(batch.delete()[0])


def _remove(storage: Storage, folder: str) -> None:
    """Remove a folder with all that is in it, also what no row knows of."""
    if not storage.exists(folder):
        return
    folders, files = storage.listdir(folder)
    for name in files:
        storage.delete(f"{folder}/{name}")
    for name in folders:
        _remove(storage, f"{folder}/{name}")
    storage.delete(folder)


@transaction.atomic
def _close(team: Team) -> None:
    """Delete the team itself. Two workers may come to this; one of them does it, and writes it down."""
    due = Team.objects.past_grace().select_for_update().filter(pk=team.pk).first()
    if due is not None:
        due.delete()
        AuditEntry.objects.record(team, TeamAction.DELETED, team)
