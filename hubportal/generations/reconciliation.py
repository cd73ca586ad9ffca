"""What speaks for and against a doubtful generation having been accepted: the balance, and who else spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Literal

from django.db.models import Q

from hubportal.generations.models import Generation, State

Verdict = Literal["accepted", "not_accepted", "open"]

# Longer than any submission takes, with its references. What was sent before that has nothing to do with the doubt.
LONGEST_POST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Credits: the account's balance before and after, what others took in between, what this one would take.

    before, after  the balance as it was known on sending, and as it was read when the doubt began
    others         generations sent with the same key that explain `others_took` (negative: more came back)
    unclear        those of which nobody can tell whether they took anything between the two readings
    """

    before: int | None
    after: int | None
    others: int
    others_took: int
    unclear: int
    price: int | None

    @property
    def unexplained(self) -> int | None:
        """Credits that left the account and that no other generation explains; None where it isn't known."""
        if self.before is None or self.after is None:
            return None
        return self.before - self.after - self.others_took

    @property
    def verdict(self) -> Verdict:
        """What the balance says; `open` where it can't tell, because anything but all or nothing left the account."""
        if self.unexplained is None or not self.price or self.unclear:
            return "open"
        if self.unexplained == self.price:
            return "accepted"
        return "open" if self.unexplained else "not_accepted"


def evidence_for(generation: Generation) -> Evidence:
    """The evidence about one doubt; read once for a generation, or for a whole page by `attach_evidence`.

    From our own records of the same key, between the sending and the doubt: what was spent elsewhere than here, on the
    same account, nobody here knows.
    """
    if "evidence" not in generation.__dict__:
        attach_evidence([generation])
    evidence: Evidence = generation.__dict__["evidence"]
    return evidence


def attach_evidence(generations: Iterable[Generation]) -> None:
    """Read the evidence about all doubts among these in one query."""
    doubts = [generation for generation in generations if generation.state == State.UNKNOWN]
    others = _sent_at_the_time(doubts)
    for doubt in doubts:
        doubt.__dict__["evidence"] = _evidence(doubt, others)


def _evidence(doubt: Generation, others: list[Generation]) -> Evidence:
    since, until = doubt.sent_at, doubt.doubted_at
    took: list[int | None] = []
    if since and until:
        took = [_took(other, since, until) for other in others if _matters(other, doubt, since, until)]
    known = [credits for credits in took if credits]
    return Evidence(
        before=doubt.balance_before,
        after=doubt.balance_after,
        others=len(known),
        others_took=sum(known),
        unclear=took.count(None),
        price=doubt.expected_credits,
    )


def _sent_at_the_time(doubts: Iterable[Generation]) -> list[Generation]:
    windows = [
        Q(key=doubt.key_id, sent_at__gte=doubt.sent_at - LONGEST_POST, sent_at__lte=doubt.doubted_at)
        for doubt in doubts
        if doubt.sent_at and doubt.doubted_at
    ]
    if not windows:
        return []
    columns = ("key", "sent_at", "state", "accepted_at", "answered_at", "doubted_at", "charged", "returned")
    return list(Generation.objects.filter(reduce(or_, windows)).only(*columns).order_by())


def _matters(other: Generation, doubt: Generation, since: datetime, until: datetime) -> bool:
    if other.pk == doubt.pk or other.key_id != doubt.key_id or other.sent_at is None:
        return False
    return since - LONGEST_POST <= other.sent_at <= until


def _took(other: Generation, since: datetime, until: datetime) -> int | None:
    """Credits that it took between the two readings of the balance, less what came back; None if nobody can tell."""
    if _was_doubted(other):
        return _took_in_doubt(other, since)
    if other.state == State.SENDING:
        return None
    if other.accepted_at is None:
        return 0
    if other.accepted_at > until:
        return None
    took = other.charged or 0 if other.accepted_at >= since else 0
    if not other.returned or other.answered_at is None or other.answered_at < since:
        return took
    return took - other.returned if other.answered_at <= until else None


def _was_doubted(other: Generation) -> bool:
    """Whether nobody knew for a while if it was accepted; a doubt that came after its acceptance is another matter."""
    doubted, accepted = other.doubted_at, other.accepted_at
    return doubted is not None and (accepted is None or accepted > doubted)


def _took_in_doubt(other: Generation, since: datetime) -> int | None:
    if other.doubted_at is not None and other.doubted_at < since:
        return 0  # the balance was read then, and whatever it took is in it
    if other.state == State.UNKNOWN or other.returned:
        return None
    return other.charged or 0
