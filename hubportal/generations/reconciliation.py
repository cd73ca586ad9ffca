"""What speaks for and against a doubtful generation having been accepted: the balance, and who else spent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

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
    """Gather it from our own records of the same key, between the sending and the doubt.

    What was spent elsewhere than here, on the same account, nobody here knows.
    """
    since, until = generation.sent_at, generation.doubted_at
    took = [_took(other, since, until) for other in _others(generation, since, until)] if since and until else []
    known = [credits for credits in took if credits]
    return Evidence(
        before=generation.balance_before,
        after=generation.balance_after,
        others=len(known),
        others_took=sum(known),
        unclear=took.count(None),
        price=generation.expected_credits,
    )


def _others(generation: Generation, since: datetime, until: datetime) -> list[Generation]:
    same_key = Generation.objects.filter(key=generation.key_id).exclude(pk=generation.pk)
    at_the_time = same_key.filter(sent_at__gte=since - LONGEST_POST, sent_at__lte=until)
    return list(at_the_time.only("state", "accepted_at", "answered_at", "doubted_at", "charged", "returned").order_by())


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


def what_the_balance_says(evidence: Evidence) -> str:
    """Whether it was accepted, as far as the balance before and after can tell, in a sentence."""
    if evidence.before is None or evidence.after is None:
        return _("So it may have been accepted and charged.")
    words = {name: number_format(getattr(evidence, name), force_grouping=True) for name in ("before", "after")}
    return _sentence(evidence).format(**words)


def _sentence(evidence: Evidence) -> str:
    match evidence.verdict, evidence.others:
        case "accepted", 0:
            return _(
                "The balance went from {before} to {after} and nothing else was paid meanwhile, "
                "so it was probably accepted."
            )
        case "accepted", _others:
            return _(
                "The balance was {before} before and {after} after. What others took or got back just then doesn't "
                "explain that, so it was probably accepted."
            )
        case "not_accepted", 0:
            return _("The balance is still {after}, so it was probably not accepted.")
        case "not_accepted", _others:
            return _(
                "The balance was {before} before and {after} after. What others took or got back just then explains "
                "that, so it was probably not accepted."
            )
    if evidence.unclear:
        return _(
            "The balance was {before} before and {after} after, but others were on their way as well, "
            "so it may have been accepted."
        )
    return _("The balance was {before} before and {after} after, so it may have been accepted.")
