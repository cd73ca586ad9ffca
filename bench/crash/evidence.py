"""What both sides say when the dust has settled, as plain facts for the judge."""

from collections import defaultdict

from bench.crash.compare import Ours, Theirs
from hubportal.generations.models import Generation, Image
from hubportal.generations.wording import explain
from hubportal.sandbox.hub import SandboxHub
from hubportal.usage.models import LedgerEntry, Reservation


def mark_of(prompt: str) -> str:
    """The first word of every prompt here."""
    return prompt.split()[0]


def our_side() -> list[Ours]:
    ledger: defaultdict[object, dict[str, int]] = defaultdict(dict)
    for generation, kind, credits in LedgerEntry.objects.values_list("generation_id", "kind", "credits"):
        ledger[generation][kind] = credits
    reserved = set(Reservation.objects.values_list("generation_id", flat=True))
    generations = Generation.objects.prefetch_related("images")
    return [_ours(one, ledger[one.pk], one.pk in reserved) for one in generations]


def _ours(one: Generation, ledger: dict[str, int], reserved: bool) -> Ours:
    explained = explain(one)
    return Ours(
        mark=mark_of(one.prompt),
        state=one.state,
        code=one.error_code,
        told=explained.text if explained else "",
        hub_id=one.hub_id,
        charged=one.charged,
        returned=one.returned,
        ledger=ledger,
        reserved=reserved,
        kept=sum(_is_whole(image) for image in one.images.all()),
    )


def _is_whole(image: Image) -> bool:
    """Whether its bytes, and the thumbnail's, are where the record says."""
    return bool(image.kept_at and image.original.size == image.size and image.thumb.size)


def their_side(hub: SandboxHub, secret: str) -> list[Theirs]:
    moved: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for entry in hub.ledger(secret):
        moved[entry.generation][entry.kind] = entry.credits
    return [
        Theirs(
            mark=mark_of(one.prompt),
            id=one.id,
            state=one.state,
            charge=moved[one.id].get("charge", 0),
            refund=moved[one.id].get("refund", 0),
            images=len(one.images),
        )
        for one in hub.generations(secret)
    ]
