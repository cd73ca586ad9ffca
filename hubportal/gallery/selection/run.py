"""A change of many pictures, carried on: in batches, each a transaction.

The row of the change is the truth: how far it got is written in the batch's own transaction, so what a crash leaves is
found by its lease and goes on where it stopped. A picture that may not be changed is counted, and no reason to stop.
"""

import time
import uuid
from datetime import timedelta
from typing import Final

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.gallery.models import BulkChange, BulkChangeItem, BulkState
from hubportal.gallery.selection.acts import ACTS, ActNotPossible, Context
from hubportal.gallery.selection.selections import Selected, SelectionVoid
from hubportal.teams.models import Membership

log = structlog.get_logger(__name__)

BATCH_SIZE: Final = 50
LEASE: Final = timedelta(seconds=60)
# Seconds: other work of the same thread waits no longer.
ROUND: Final = 20.0
# Counting further says nothing more to anybody.
MAX_COUNTED: Final = 10_000_000
# Changes a sweep finds.
SWEEP_BATCH_SIZE: Final = 100


def run_change(pk: uuid.UUID) -> bool:
    """Go on with it for a while. True when there is more to do. May run twice at once: one of them has the lease."""
    change = BulkChange.objects.claim(pk, LEASE)
    if change is None:
        return False
    until = time.monotonic() + ROUND
    _count(change)
    while goes_on := _do_batch(change):
        if time.monotonic() > until or not change.renew_lease(LEASE):
            break
    change.mine().update(lease_until=None)
    return goes_on


def _count(change: BulkChange) -> None:
    membership = _membership(change)
    if change.total is None and membership:
        try:
            change.record_total(Selected.of(change.selection, membership).count(MAX_COUNTED).number)
        except SelectionVoid:
            return


def _membership(change: BulkChange) -> Membership | None:
    """The person's, as it is now: their role may have changed since, or they may have left."""
    found = Membership.objects.select_related("team", "user").filter(team=change.team_id, user=change.person_id)
    return found.first()


@transaction.atomic
def _do_batch(change: BulkChange) -> bool:
    """Change, or put back, the next pictures. False when that was all, or it was stopped."""
    now = BulkChange.objects.select_for_update(of=("self",)).select_related("selection", "person").get(pk=change.pk)
    membership = _membership(now)
    if not now.is_going_on or now.lease_id != change.lease_id:
        return False
    if membership is None:
        return _stop(now)
    context = Context(membership, Actor(now.person, now.address), now.value)
    try:
        return _undo_batch(now, context) if now.state == BulkState.UNDOING else _apply_batch(now, context)
    except SelectionVoid:
        return _stop(now)


def _stop(change: BulkChange) -> bool:
    log.warning("bulk_change_stopped", change=str(change.pk))
    change.record_cancelled()
    return False


def _apply_batch(change: BulkChange, context: Context) -> bool:
    images = Selected.of(change.selection, context.membership).after(change.place, BATCH_SIZE)
    act, items, refused = ACTS[change.act], [], 0
    for image in images:
        try:
            with transaction.atomic():
                before = act.apply(image, context)
        except (PermissionDenied, ActNotPossible):
            refused += 1
            continue
        if before is not None:
            items.append(BulkChangeItem(change=change, image=image, before=before))
    BulkChangeItem.objects.bulk_create(items)
    goes_on = len(images) == BATCH_SIZE
    change.record_batch(done=len(images) - refused, refused=refused, last=images[-1] if goes_on else None)
    return goes_on


def _undo_batch(change: BulkChange, context: Context) -> bool:
    related = ("image__team", "image__generation__author", "image__generation__project", "image__generation__team")
    items = list(change.items.select_related(*related).order_by("-pk")[:BATCH_SIZE])
    act, undone = ACTS[change.act], 0
    for item in items:
        try:
            with transaction.atomic():
                act.undo(item.image, context, item.before)
        except (PermissionDenied, ActNotPossible):
            continue
        undone += 1
    change.items.filter(pk__in=[item.pk for item in items]).delete()
    goes_on = len(items) == BATCH_SIZE
    change.record_undone(undone, is_last=not goes_on)
    return goes_on


def anything_left_behind() -> bool:
    """Whether a change goes on that no worker holds."""
    return BulkChange.objects.left_behind(timezone.now()).exists()


def left_behind() -> list[uuid.UUID]:
    """Those that go on and that no worker holds."""
    return list(BulkChange.objects.left_behind(timezone.now()).values_list("pk", flat=True)[:SWEEP_BATCH_SIZE])
