"""The records of this room."""

from hubportal.usage.models.billing import BilledGeneration, EntryKind
from hubportal.usage.models.ledger import AppendOnlyError, LedgerEntry, LedgerQuerySet, today
from hubportal.usage.models.reservations import Reservation
from hubportal.usage.models.totals import DailyTotal, MonthlyTotal

__all__ = [
    "AppendOnlyError",
    "BilledGeneration",
    "DailyTotal",
    "EntryKind",
    "LedgerEntry",
    "LedgerQuerySet",
    "MonthlyTotal",
    "Reservation",
    "today",
]
