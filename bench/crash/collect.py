"""The records of both sides, as `compare` wants them."""

from collections import defaultdict

from bench.crash.compare import HubRecord, OurRecord
from hubportal.generations.models import Generation, Image
from hubportal.generations.wording.outcomes import explain
from hubportal.sandbox.hub import SandboxHub
from hubportal.usage.models import LedgerEntry, Reservation


def mark_of(prompt: str) -> str:
    """The mark of a generation: the first word of its prompt."""
    return prompt.split()[0]


def collect_our_records() -> list[OurRecord]:
    ledger: defaultdict[object, dict[str, int]] = defaultdict(dict)
    for work, kind, credits in LedgerEntry.objects.values_list("work", "kind", "credits"):
        ledger[work][kind] = credits
    reserved = set(Reservation.objects.values_list("work", flat=True))
    generations = Generation.objects.prefetch_related("images")
    return [_ours(one, ledger[one.pk], one.pk in reserved) for one in generations]


def _ours(one: Generation, ledger: dict[str, int], reserved: bool) -> OurRecord:
    explained = explain(one)
    return OurRecord(
        mark=mark_of(one.prompt),
        state=one.state,
        code=one.error_code,
        explanation=explained.text if explained else "",
        hub_id=one.hub_id,
        charged=one.charged,
        returned=one.returned,
        ledger=ledger,
        reserved=reserved,
        stored_images=sum(_is_complete(image) for image in one.images.all()),
    )


def _is_complete(image: Image) -> bool:
    """Whether its file has the size the record says, and its thumbnail a file."""
    return bool(image.kept_at and image.original.size == image.size and image.thumb.size)


def collect_hub_records(hub: SandboxHub, secret: str) -> list[HubRecord]:
    moved: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for entry in hub.ledger(secret):
        moved[entry.generation][entry.kind] = entry.credits
    return [
        HubRecord(
            mark=mark_of(one.prompt),
            id=one.id,
            state=one.state,
            charge=moved[one.id].get("charge", 0),
            refund=moved[one.id].get("refund", 0),
            images=len(one.images),
        )
        for one in hub.generations(secret)
    ]
