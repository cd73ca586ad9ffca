"""The troubles a prompt can ask for: one table that both drives the sandbox and is printed on its front page.

A trouble is a word in square brackets anywhere in the prompt, with an argument after it: `[slow 20]`. Several may
stand in one prompt. It can step in at five moments; to add one, write a row that fills in some of them.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from aiohttp import web

from hubportal.sandbox.misbehaviour import (
    Respond,
    cut_in_half,
    hang_up,
    late,
    page_instead_of_image,
    proxy_page,
    too_busy,
)
from hubportal.sandbox.plan import Plan
from hubportal.sandbox.refusals import Refusal, generation_failed, invalid, not_found, out_of_credits

type Record = dict[str, object]

_LONGEST = 7 * 24 * 3600.0  # seconds; so that a slip of the finger can't overflow a date
_PATTERN = re.compile(r"\[(\w{1,20})(?: ([^\[\]]{0,200}))?\]")  # bounded: a prompt may be 32,000 brackets long


@dataclass(frozen=True, slots=True)
class Argument:
    """What stands after a trouble's word, or else what its example says."""

    text: str
    example: str

    @property
    def number(self) -> float:
        """Seconds or a status; the example's number when this isn't a sensible one."""
        try:
            number = float(self.text)
        except ValueError:
            number = -1.0
        return number if 0 <= number <= _LONGEST else float(self.example)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One row: how it is written, what it does in words, and what it does in fact.

    instead  answers the submission, or raises Refusal; nothing is accepted, nothing charged
    answer   stands between an accepted submission and its ordinary answer
    plan     changes how the painting goes
    show     changes the record that a look reads, given the seconds since acceptance, or raises Refusal
    serve    answers for an image's bytes
    """

    word: str
    example: str = ""
    does: str
    instead: Callable[[Argument, web.Request], web.StreamResponse] | None = None
    answer: Callable[[Argument, web.Request, Respond], Awaitable[web.StreamResponse]] | None = None
    plan: Callable[[Argument, Plan], Plan] | None = None
    show: Callable[[Argument, Record, float], Record] | None = None
    serve: Callable[[Argument], web.Response] | None = None

    @property
    def written(self) -> str:
        """As it is typed into a prompt."""
        return f"[{self.word} {self.example}]" if self.example else f"[{self.word}]"


def _refuse(refusal: Refusal) -> NoReturn:
    raise refusal


def _fail(argument: Argument, plan: Plan) -> Plan:
    return replace(plan, images=0, failure=argument.text)


async def _drop(_: Argument, request: web.Request, respond: Respond) -> web.StreamResponse:
    return hang_up(request)


def _lose(argument: Argument, record: Record, elapsed: float) -> Record:
    if elapsed < argument.number:
        raise not_found()
    return record


def _mute(_: Argument, record: Record, elapsed: float) -> Record:
    return {name: value for name, value in record.items() if name != "error"}


TROUBLES = (
    Trouble(
        word="fail",
        example='"The provider gave up"',
        does="Accepted and charged, then fails with that reason. Everything is refunded.",
        plan=_fail,
    ),
    Trouble(
        word="mute",
        does="Fails without saying why: the record has no error. Everything is refunded.",
        plan=lambda _, plan: replace(plan, images=0, failure="The generation failed."),
        show=_mute,
    ),
    Trouble(
        word="partial",
        does="Succeeds with one image fewer than asked for; that one is refunded. Ask for two or more.",
        plan=lambda _, plan: replace(plan, images=max(0, plan.images - 1)),
    ),
    Trouble(
        word="noimages",
        does="Succeeds without a single image. Everything is refunded.",
        plan=lambda _, plan: replace(plan, images=0),
    ),
    Trouble(
        word="slow",
        example="20",
        does="Takes that many seconds.",
        plan=lambda argument, plan: replace(plan, seconds=argument.number),
    ),
    Trouble(
        word="forever",
        does="Accepted and charged, and never finishes.",
        plan=lambda _, plan: replace(plan, seconds=None),
    ),
    Trouble(
        word="strange",
        does="Goes through status words that no documentation mentions, then succeeds.",
        plan=lambda _, plan: replace(plan, words=("queued", "warming_up", "brushing", "drying")),
    ),
    Trouble(
        word="refuse",
        does="Refused with 400 invalid_request. Nothing is charged.",
        instead=lambda *_: _refuse(invalid("The prompt was rejected by the safety system.")),
    ),
    Trouble(
        word="nocredits",
        does="Refused with 402 insufficientCredits, whatever is left. Nothing is charged.",
        instead=lambda *_: _refuse(out_of_credits()),
    ),
    Trouble(
        word="500",
        does="The hub's own 500 generationFailed at once. Nothing is charged.",
        instead=lambda *_: _refuse(generation_failed("The provider is not available.")),
    ),
    Trouble(
        word="html",
        example="502",
        does="An HTML error page with that status, as from a proxy before the hub. Nothing is charged.",
        instead=lambda argument, _: proxy_page(int(argument.number)),
    ),
    Trouble(
        word="busy",
        example="5",
        does="Answered 429 with Retry-After of that many seconds. Nothing is charged.",
        instead=lambda argument, _: too_busy(argument.number),
    ),
    Trouble(
        word="dropearly",
        does="The connection is closed without an answer. Not accepted, nothing is charged.",
        instead=lambda _, request: hang_up(request),
    ),
    Trouble(
        word="drop",
        does="The connection is closed without an answer, but the order is accepted, charged and painted.",
        answer=_drop,
    ),
    Trouble(
        word="cut",
        does="Accepted and charged; the answer breaks off in the middle.",
        answer=lambda _, request, respond: cut_in_half(request, respond),
    ),
    Trouble(
        word="lateanswer",
        example="10",
        does="Accepted and charged at once; the answer comes that many seconds late.",
        answer=lambda argument, _, respond: late(argument.number, respond),
    ),
    Trouble(
        word="lost",
        example="10",
        does="Looking at the generation gives 404 for that many seconds after it was accepted.",
        show=_lose,
    ),
    Trouble(
        word="badimage",
        does="Succeeds and is charged, but its images are HTML pages that claim to be PNG.",
        serve=lambda _: page_instead_of_image(),
    ),
    Trouble(
        word="goneimage",
        does="Succeeds and is charged, but its images answer 404.",
        serve=lambda _: web.Response(status=404, text="Not found"),
    ),
)

_BY_WORD = {trouble.word: trouble for trouble in TROUBLES}


def asked_for(prompt: str) -> list[tuple[Trouble, Argument]]:
    """The troubles a prompt asks for, in its order; other words in brackets are just words."""
    found = []
    for word, text in _PATTERN.findall(prompt):
        if trouble := _BY_WORD.get(word.lower()):
            example = trouble.example.strip('"')
            found.append((trouble, Argument(text.strip().strip('"') or example, example)))
    return found
