"""What a finished generation cost, from what was taken and what the hub now says."""

from dataclasses import dataclass

from hubportal.hub.records import GenerationRecord


@dataclass(frozen=True, slots=True)
class Settled:
    """Credits: `charged` in all, of which `correction` was not known on acceptance, and `returned` of it.

    `missing` counts pictures asked for that did not come.
    """

    charged: int
    correction: int
    returned: int
    missing: int


def settle(record: GenerationRecord, *, charged: int, n: int) -> Settled:
    """Compare what was taken on acceptance with the hub's final word.

    Where the hub says nothing of credits, what it documents is assumed: everything back after a failure, the
    share of the missing pictures after a partial result (hub-api.md, Submitting).
    """
    arrived = len(record.images) if record.outcome == "succeeded" else 0
    missing = max(n - arrived, 0)
    final = record.credits
    if final is None:
        final = charged - charged * missing // n
    correction = max(final - charged, 0)
    return Settled(
        charged=charged + correction, correction=correction, returned=max(charged - final, 0), missing=missing
    )
