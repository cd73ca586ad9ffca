"""What an entry is about. This room is told of a generation; it never looks at one."""

import uuid
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class BilledGeneration:
    """What the ledger needs to know of a generation: whose it is and what it runs on."""

    id: uuid.UUID
    team_id: int
    author_id: int
    key_id: uuid.UUID | None
    model: str


class EntryKind(models.TextChoices):
    CHARGE = "charge"
    REFUND = "refund"
    CORRECTION = "correction"
