"""What an entry is about. This room is told of a generation; it never looks at one."""

import uuid
from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class BilledGeneration:
    """What the ledger needs to know of a generation: whose it is, what it is for, and what it runs on.

    tier       the resolution billed, as the hub calls it (hub-api.md, Submitting); "" while it has not said
    effort     the quality asked for
    time_zone  the team's, by which its days and months turn; "" is the site's
    """

    id: uuid.UUID
    team_id: int
    author_id: int
    key_id: uuid.UUID | None
    model: str
    project_id: uuid.UUID | None = None
    tier: str = ""
    effort: str = ""
    time_zone: str = ""


class EntryKind(models.TextChoices):
    """What moved credits. The first four are about a generation, the others about an account at the hub."""

    CHARGE = "charge"
    REFUND = "refund"
    CORRECTION = "correction"
    # Two entries that add up to nothing: off one project, on to another.
    TRANSFER = "transfer"
    # Moved at the hub without passing here: spent elsewhere with a key, bought, expired.
    OUTSIDE = "outside"
    TOPUP = "topup"
    EXPIRY = "expiry"


OF_GENERATIONS = (EntryKind.CHARGE, EntryKind.REFUND, EntryKind.CORRECTION, EntryKind.TRANSFER)
OF_ACCOUNTS = (EntryKind.OUTSIDE, EntryKind.TOPUP, EntryKind.EXPIRY)
