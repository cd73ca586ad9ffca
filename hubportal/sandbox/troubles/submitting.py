"""Troubles of a submission: it is refused, or lost on its way in, or its answer is lost on the way out."""

from typing import NoReturn

from aiohttp import web

from hubportal.sandbox.misbehaviour import (
    Respond,
    changed,
    cut_in_half,
    hang_up,
    late,
    not_json,
    proxy_page,
    redirected,
    too_busy,
)
from hubportal.sandbox.refusals import Refusal, generation_failed, invalid, out_of_credits
from hubportal.sandbox.troubles.trouble import Argument, Trouble


def _refuse(refusal: Refusal) -> NoReturn:
    raise refusal


def _say_no(argument: Argument, _: web.Request) -> NoReturn:
    status, _sep, code = argument.text.partition(" ")
    raise Refusal(int(status) if status.isdecimal() and 400 <= int(status) <= 599 else 403, code, "The hub says no.")


async def _drop(_: Argument, request: web.Request, respond: Respond) -> web.StreamResponse:
    return hang_up(request)


SUBMITTING = (
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
        word="error",
        example="403 forbidden",
        does="Refused with that status and that code, in the hub's own envelope. Nothing is charged.",
        instead=_say_no,
    ),
    Trouble(
        word="quote",
        does="Refused with 400, and the sentence quotes the key it came with. Nothing is charged.",
        instead=lambda _, request: _refuse(invalid(f"Can't be read: {request.headers.get('Authorization', '')}")),
    ),
    Trouble(
        word="html",
        example="502",
        does="An HTML error page with that status, as from a proxy before the hub. Nothing is charged.",
        instead=lambda argument, _: proxy_page(int(argument.number)),
    ),
    Trouble(
        word="redirect",
        example="/elsewhere",
        does="Sent on to that address with 307. Nothing is charged.",
        instead=lambda argument, _: redirected(argument.text),
    ),
    Trouble(
        word="busy",
        example="5",
        does="Answered 429 with Retry-After of that many seconds. Nothing is charged.",
        instead=lambda argument, _: too_busy(argument.number),
    ),
    Trouble(
        word="busyuntil",
        example="5",
        does="Answered 429 with Retry-After as the date that many seconds from now. Nothing is charged.",
        instead=lambda argument, _: too_busy(argument.number, as_date=True),
    ),
    Trouble(
        word="dropunread",
        does="In the name of a key's owner: the connection is closed before the body of a submission is read. "
        "Not accepted, nothing is charged.",
        unread=True,
    ),
    Trouble(
        word="dropmidway",
        does="The connection is closed while the first reference arrives. Not accepted, nothing is charged.",
        midway=True,
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
        word="notjson",
        example="202",
        does="Accepted and charged; the answer has that status, and a page in the place of JSON.",
        answer=lambda argument, _, respond: not_json(int(argument.number), respond),
    ),
    Trouble(
        word="noid",
        does="Accepted and charged; the answer has no id.",
        answer=lambda _, __, respond: changed(respond, lambda answer: answer | {"id": None}),
    ),
    Trouble(
        word="badid",
        example="../x",
        does="Accepted and charged; the answer has that for an id.",
        answer=lambda argument, _, respond: changed(respond, lambda answer: answer | {"id": argument.text}),
    ),
    Trouble(
        word="lateanswer",
        example="10",
        does="Accepted and charged at once; the answer comes that many seconds late.",
        answer=lambda argument, _, respond: late(argument.number, respond),
    ),
    Trouble(
        word="notasync",
        does="`async` is not heard: the answer is the finished record, once it is painted.",
        waits=True,
    ),
)
