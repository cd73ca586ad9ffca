"""Our records against the hub's, one to one. Plain facts go in, sentences about what is wrong come out.

A mark is what tells a generation on both sides: it stands in the prompt.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

SETTLED = ("succeeded", "failed", "cancelled", "unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One generation in our records. `ledger` is its entries by kind, refunds negative; `told` the page's sentence."""

    mark: str
    state: str
    code: str = ""
    told: str = ""
    hub_id: str = ""
    charged: int | None = None
    returned: int = 0
    ledger: dict[str, int]
    reserved: bool = False
    kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """One generation that the hub accepted. `charge` and `refund` are its ledger's, both positive."""

    mark: str
    id: str
    state: str
    charge: int
    refund: int
    images: int = 0


def judge(marks: Sequence[str], ours: Sequence[Ours], theirs: Sequence[Theirs]) -> list[str]:
    """Everything that is wrong; `marks` is all that was submitted. Nothing wrong gives an empty list."""
    by_id = {one.id: one for one in theirs}
    problems = [*_lost(marks, ours), *_sent_twice(theirs), *_orphans(ours, theirs)]
    for one in ours:
        problems += [f"{one.mark}: {problem}" for problem in (*_stuck(one), *_differs(one, by_id.get(one.hub_id)))]
    return problems


def _lost(marks: Sequence[str], ours: Sequence[Ours]) -> Iterator[str]:
    if sorted(marks) != sorted(one.mark for one in ours):
        yield f"{len(marks)} were submitted, and our records hold {len(ours)}, or others"


def _sent_twice(theirs: Iterable[Theirs]) -> Iterator[str]:
    for mark, count in Counter(one.mark for one in theirs).items():
        if count > 1:
            yield f"{mark}: accepted and charged {count} times"


def _orphans(ours: Iterable[Ours], theirs: Iterable[Theirs]) -> Iterator[str]:
    """What the hub accepted and we have no id of must be one that we say we don't know about."""
    known = {one.hub_id for one in ours}
    unknown = Counter(one.mark for one in ours if one.state == "unknown" and not one.hub_id)
    for one in theirs:
        if one.id not in known and unknown[one.mark] != 1:
            yield f"{one.mark}: the hub accepted {one.id}, and no record of ours in `unknown` stands for it"


def _stuck(one: Ours) -> Iterator[str]:
    if one.state not in SETTLED:
        yield f"still {one.state}"
    if one.state in ("failed", "unknown") and not (one.code and one.told):
        yield f"{one.state} without a code and a sentence"
    if one.reserved != (one.state == "unknown" and not one.hub_id):
        yield f"{one.state}, and its reservation is {'still' if one.reserved else 'not'} there"


def _differs(one: Ours, other: Theirs | None) -> Iterator[str]:
    """Where our record of an accepted generation says something else than the hub's."""
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
        said = f"{one.charged} - {one.returned}, our ledger {charged} - {returned}"
        yield f"our record says {said}, the hub's ledger {other.charge} - {other.refund}"
    if one.state in ("succeeded", "failed") and (one.state == "succeeded") != (other.images > 0):
        yield f"{one.state} here, {other.state} with {other.images} pictures there"
    if one.state == "succeeded" and one.kept != other.images:
        yield f"{one.kept} of its {other.images} pictures are kept"
