"""Our records against the hub's, one to one: dataclasses in, sentences about what is wrong out.

A mark identifies a generation on both sides: it is the first word of the prompt.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

FINAL_STATES = ("succeeded", "failed", "cancelled", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class OurRecord:
    """One generation of ours. `ledger` is its entries by kind, refunds negative; `explanation` the page's sentence."""

    mark: str
    state: str
    code: str = ""
    explanation: str = ""
    hub_id: str = ""
    charged: int | None = None
    returned: int = 0
    ledger: dict[str, int]
    reserved: bool = False
    stored_images: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HubRecord:
    """One generation that the hub accepted. `charge` and `refund` are its ledger's, both positive."""

    mark: str
    id: str
    state: str
    charge: int
    refund: int
    images: int = 0


def compare(marks: Sequence[str], ours: Sequence[OurRecord], theirs: Sequence[HubRecord]) -> list[str]:
    """A sentence for everything that is wrong; `marks` is all that was submitted."""
    by_id = {one.id: one for one in theirs}
    problems = [*_lost(marks, ours), *_sent_twice(theirs), *_unaccounted(ours, theirs)]
    for one in ours:
        problems += [f"{one.mark}: {problem}" for problem in (*_stuck(one), *_differences(one, by_id.get(one.hub_id)))]
    return problems


def _lost(marks: Sequence[str], ours: Sequence[OurRecord]) -> Iterator[str]:
    if sorted(marks) != sorted(one.mark for one in ours):
        yield f"{len(marks)} were submitted, and our records hold {len(ours)}, or others"


def _sent_twice(theirs: Iterable[HubRecord]) -> Iterator[str]:
    for mark, count in Counter(one.mark for one in theirs).items():
        if count > 1:
            yield f"{mark}: accepted and charged {count} times"


def _unaccounted(ours: Iterable[OurRecord], theirs: Iterable[HubRecord]) -> Iterator[str]:
    """What the hub accepted without our knowing its id must be one of ours in `unknown`."""
    known = {one.hub_id for one in ours}
    unknown = Counter(one.mark for one in ours if one.state == "unknown" and not one.hub_id)
    for one in theirs:
        if one.id not in known and unknown[one.mark] != 1:
            yield f"{one.mark}: the hub accepted {one.id}, and no record of ours in `unknown` stands for it"


def _stuck(one: OurRecord) -> Iterator[str]:
    if one.state not in FINAL_STATES:
        yield f"still {one.state}"
    if one.state in ("failed", "unknown") and not (one.code and one.explanation):
        yield f"{one.state} without a code and a sentence"
    if one.reserved != (one.state == "unknown" and not one.hub_id):
        yield f"{one.state}, and its reservation is {'still' if one.reserved else 'not'} there"


def _differences(one: OurRecord, other: HubRecord | None) -> Iterator[str]:
    """Where our record of an accepted generation differs from the hub's."""
    if not one.hub_id:
        if one.ledger or one.charged:
            yield f"never accepted, as far as we know, and yet it cost {one.ledger or one.charged}"
        return
    if other is None or other.mark != one.mark:
        yield f"the hub knows no {one.hub_id} of this mark"
        return
    charged = one.ledger.get("charge", 0) + one.ledger.get("correction", 0)
    returned = -one.ledger.get("refund", 0)
    if not (charged == one.charged == other.charge and returned == one.returned == other.refund):
        ours = f"{one.charged} - {one.returned}, our ledger {charged} - {returned}"
        yield f"our record says {ours}, the hub's ledger {other.charge} - {other.refund}"
    if one.state in ("succeeded", "failed") and (one.state == "succeeded") != (other.images > 0):
        yield f"{one.state} here, {other.state} with {other.images} pictures there"
    if one.state == "succeeded" and one.stored_images != other.images:
        yield f"{one.stored_images} of its {other.images} pictures are kept"
