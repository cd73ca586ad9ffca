"""The records of this room."""

from hubportal.usage.models.account import AccountBalance
from hubportal.usage.models.billing import BilledGeneration, EntryKind
from hubportal.usage.models.budget import Budget, BudgetRequest, OrderLimit, Scope
from hubportal.usage.models.ledger import AppendOnlyError, LedgerEntry, LedgerQuerySet, today
from hubportal.usage.models.monthly_report import MonthlyReport
from hubportal.usage.models.project import DefaultProject, Project
from hubportal.usage.models.reservations import Reservation
from hubportal.usage.models.totals import DailyTotal, MonthlyTotal

__all__ = [
    "AccountBalance",
    "AppendOnlyError",
    "BilledGeneration",
    "Budget",
    "BudgetRequest",
    "DailyTotal",
    "DefaultProject",
    "EntryKind",
    "LedgerEntry",
    "LedgerQuerySet",
    "MonthlyReport",
    "MonthlyTotal",
    "OrderLimit",
    "Project",
    "Reservation",
    "Scope",
    "today",
]
