"""How far a change of many pictures got."""

from typing import Final

from django.db import models


class BulkState(models.TextChoices):
    RUNNING = "running", "running"
    DONE = "done", "done"
    CANCELLED = "cancelled", "cancelled"
    UNDOING = "undoing", "undoing"
    UNDONE = "undone", "undone"


UNFINISHED: Final = (BulkState.RUNNING, BulkState.UNDOING)
