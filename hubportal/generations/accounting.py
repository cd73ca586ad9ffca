"""What a finished generation cost, from what was charged and what the hub now says; and what of that is believed."""

from dataclasses import dataclass, replace
from typing import Final

from hubportal.hub.records import GenerationRecord
from hubportal.usage.budgets import tell_overcharged
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry

# A hundred times the documented price of a picture (hub-api.md, Models), and four times the pictures of the largest
# order: more than that is no price and no gift, but a mistake or an attack, which a ledger or a disk would keep.
MAX_CREDITS_A_PICTURE: Final = 1000
MAX_PICTURES: Final = 16


@dataclass(frozen=True, slots=True)
class Booking:
    """Credits: `charged` in all, of which `correction` was not known on acceptance, and `returned` of it.

    `missing` counts pictures asked for that did not come.
    """

    charged: int
    correction: int
    returned: int
    missing: int


def clamp_record(record: GenerationRecord, *, n: int, expected: int | None) -> GenerationRecord:
    """The record without what can't be meant: a price beyond all measure is taken as unsaid, a flood of pictures cut.

    n         pictures asked for
    expected  credits it was to cost, if anybody knew
    """
    most = max(MAX_CREDITS_A_PICTURE * n, expected or 0)
    return replace(
        record,
        credits=_up_to(most, record.credits),
        credits_requested=_up_to(most, record.credits_requested),
        images=record.images[:MAX_PICTURES],
    )


def _up_to(most: int, credits: int | None) -> int | None:
    return credits if credits is not None and credits <= most else None


def book(record: GenerationRecord, *, charged: int, n: int) -> Booking:
    """Compare what was taken on acceptance with the hub's final word.

    Where the hub says nothing of credits, what it documents is assumed: everything back after a failure, the
    share of the missing pictures after a partial result (hub-api.md, Submitting).
    """
    missing = max(n - len(record.images), 0)
    final = record.credits
    if final is None:
        final = charged - charged * missing // n
    correction = max(final - charged, 0)
    return Booking(
        charged=charged + correction, correction=correction, returned=max(charged - final, 0), missing=missing
    )


def write_charge(
    work: BilledGeneration, record: GenerationRecord, charged: int, *, reserved: int, pictures: int
) -> None:
    """Write what the hub took on acceptance, in the tier that it says; what was not `reserved` may have to be told."""
    work = replace(work, tier=record.tier[:12])
    entry = LedgerEntry.objects.record(work, EntryKind.CHARGE, charged, pictures=pictures, balance=_left(record))
    if entry and charged > reserved:
        tell_overcharged(work, charged - reserved)


def write_booking(work: BilledGeneration, record: GenerationRecord, booking: Booking) -> None:
    """Write what the hub's last word adds to the charge."""
    left = _left(record)
    if booking.correction and LedgerEntry.objects.record(work, EntryKind.CORRECTION, booking.correction, balance=left):
        tell_overcharged(work, booking.correction)
    if booking.returned or booking.missing:
        LedgerEntry.objects.record(work, EntryKind.REFUND, -booking.returned, pictures=-booking.missing, balance=left)


def _left(record: GenerationRecord) -> int | None:
    return record.balance.credits if record.balance else None
