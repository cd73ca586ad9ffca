"""One act on many pictures: at once where they are few, else by the worker (selection/run.py)."""

from functools import partial
from typing import Final

from django.db import transaction

from hubportal.audit.actor import Actor
from hubportal.gallery.models import BulkChange, Selection
from hubportal.gallery.selection import tasks
from hubportal.gallery.selection.acts import BulkAct
from hubportal.gallery.selection.run import run_change
from hubportal.gallery.selection.selections import Selected
from hubportal.teams.models import Membership

# As many are changed while the person waits; more are the worker's.
MAX_AT_ONCE: Final = 100


def start_change(
    selection: Selection, act: BulkAct, membership: Membership, actor: Actor, value: str = ""
) -> BulkChange:
    """Do an act to all that is selected, or let the worker begin. Raises SelectionVoid."""
    counted = Selected.of(selection, membership).count(MAX_AT_ONCE + 1)
    few = counted.is_whole and counted.number <= MAX_AT_ONCE
    change = BulkChange.objects.create(
        team=membership.team,
        person=actor.person,
        address=actor.address,
        selection=selection,
        act=act.name,
        value=value,
        total=counted.number if few else None,
    )
    _run_or_enqueue(change, at_once=few)
    return change


def cancel_change(change: BulkChange) -> bool:
    """Stop it; what was done stays, and can be undone. False when it was over."""
    return change.record_cancelled()


def undo_change(change: BulkChange) -> bool:
    """Put back what it changed, at once or by the worker. False when there is nothing to put back (any more)."""
    if not change.record_undoing():
        return False
    _run_or_enqueue(change, at_once=change.items.count() <= MAX_AT_ONCE)
    return True


def _run_or_enqueue(change: BulkChange, *, at_once: bool) -> None:
    goes_on = run_change(change.pk) if at_once else True
    change.refresh_from_db()
    if goes_on:
        transaction.on_commit(partial(tasks.run_bulk_change.enqueue, str(change.pk)))
