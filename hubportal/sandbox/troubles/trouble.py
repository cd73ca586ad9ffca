"""What a row of the table is made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from hubportal.sandbox.bad_images import Picture
from hubportal.sandbox.misbehaviour import Respond
from hubportal.sandbox.plan import Plan

type Record = dict[str, object]

_LONGEST = 7 * 24 * 3600.0  # seconds; so that a slip of the finger can't overflow a date


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands after a trouble's word, or else what its example says."""

    text: str
    example: str

    @property
    def number(self) -> float:
        """Seconds, a status or a count; the example's number when this isn't a sensible one."""
        return self.numbers[0]

    @property
    def numbers(self) -> list[float]:
        """The same where there are several: as many as the example has."""
        said = self.text.split()
        return [_number(said[i] if i < len(said) else "", usual) for i, usual in enumerate(self.example.split())]


def _number(text: str, usual: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    return number if 0 <= number <= _LONGEST else float(usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One row: how it is written, what it does in words, and what it does in fact.

    unread   hangs up before the body is read, when the name of the key's owner asks for it
    midway   hangs up when the first reference arrives
    instead  answers the submission, or raises Refusal; nothing is accepted, nothing charged
    waits    takes a submission for one that waits for its pictures, whatever it says
    answer   stands between an accepted submission and its ordinary answer
    plan     changes how the painting goes
    show     changes the record that a look reads, given the seconds since acceptance; or answers in its place, or
             raises Refusal
    serve    answers for an image's bytes
    """

    word: str
    example: str = ""
    does: str
    unread: bool = False
    midway: bool = False
    instead: Callable[[Argument, web.Request], web.StreamResponse] | None = None
    waits: bool = False
    answer: Callable[[Argument, web.Request, Respond], Awaitable[web.StreamResponse]] | None = None
    plan: Callable[[Argument, Plan], Plan] | None = None
    show: Callable[[Argument, Record, float], Record | web.Response] | None = None
    serve: Callable[[Argument, Picture], Awaitable[web.StreamResponse]] | None = None

    @property
    def written(self) -> str:
        """As it is typed into a prompt."""
        return f"[{self.word} {self.example}]" if self.example else f"[{self.word}]"
