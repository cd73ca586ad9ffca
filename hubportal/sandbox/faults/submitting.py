"""Troubles of a submission: it is refused, or lost on its way in, or its answer is lost on the way out."""

from typing import NoReturn

from aiohttp import web

from hubportal.sandbox.faults.fault import Argument, Fault, Respond
from hubportal.sandbox.faults.faulty_responses import (
    change_body,
    cut_in_half,
    delay,
    hang_up,
    not_json,
    proxy_page,
    redirect,
    too_busy,
)
from hubportal.sandbox.responses import ApiError, generation_failed, invalid_request, out_of_credits


def _refuse(error: ApiError) -> NoReturn:
    raise error


def _refuse_with_key(_: Argument, request: web.Request) -> NoReturn:
    raise invalid_request(f"Can't be read: {request.headers.get('Authorization', '')}")


def _refuse_with(argument: Argument, _: web.Request) -> NoReturn:
    status, _sep, code = argument.text.partition(" ")
    raise ApiError(int(status) if status.isdecimal() and 400 <= int(status) <= 599 else 403, code, "The hub says no.")


async def _drop(_: Argument, request: web.Request, respond: Respond) -> web.StreamResponse:
    return hang_up(request)


SUBMISSION_FAULTS = (
    Fault(
        word="refuse",
        does="Refused with 400 invalid_request. Nothing is charged.",
        respond_instead=lambda *_: _refuse(invalid_request("The prompt was rejected by the safety system.")),
    ),
    Fault(
        word="nocredits",
        does="Refused with 402 insufficientCredits, whatever is left. Nothing is charged.",
        respond_instead=lambda *_: _refuse(out_of_credits()),
    ),
    Fault(
        word="500",
        does="The hub's own 500 generationFailed at once. Nothing is charged.",
        respond_instead=lambda *_: _refuse(generation_failed("The provider is not available.")),
    ),
    Fault(
        word="error",
        example="403 forbidden",
        does="Refused with that status and that code, in the hub's own envelope. Nothing is charged.",
        respond_instead=_refuse_with,
    ),
    Fault(
        word="quote",
        does="Refused with 400, and the sentence quotes the key it came with. Nothing is charged.",
        respond_instead=_refuse_with_key,
    ),
    Fault(
        word="html",
        example="502",
        does="An HTML error page with that status, as from a proxy before the hub. Nothing is charged.",
        respond_instead=lambda argument, _: proxy_page(int(argument.number)),
    ),
    Fault(
        word="redirect",
        example="/elsewhere",
        does="Sent on to that address with 307. Nothing is charged.",
        respond_instead=lambda argument, _: redirect(argument.text),
    ),
    Fault(
        word="busy",
        example="5",
        does="Answered 429 with Retry-After of that many seconds. Nothing is charged.",
        respond_instead=lambda argument, _: too_busy(argument.number),
    ),
    Fault(
        word="busyuntil",
        example="5",
        does="Answered 429 with Retry-After as the date that many seconds from now. Nothing is charged.",
        respond_instead=lambda argument, _: too_busy(argument.number, as_date=True),
    ),
    Fault(
        word="dropunread",
        does="In the name of a key's owner: the connection is closed before the body of a submission is read. "
        "Not accepted, nothing is charged.",
        hang_up_before_body=True,
    ),
    Fault(
        word="dropmidway",
        does="The connection is closed while the first reference arrives. Not accepted, nothing is charged.",
        hang_up_at_reference=True,
    ),
    Fault(
        word="dropearly",
        does="The connection is closed without an answer. Not accepted, nothing is charged.",
        respond_instead=lambda _, request: hang_up(request),
    ),
    Fault(
        word="drop",
        does="The connection is closed without an answer, but the order is accepted, charged and painted.",
        respond_to_accepted=_drop,
    ),
    Fault(
        word="cut",
        does="Accepted and charged; the answer breaks off in the middle.",
        respond_to_accepted=lambda _, request, respond: cut_in_half(request, respond),
    ),
    Fault(
        word="notjson",
        example="202",
        does="Accepted and charged; the answer has that status, and a page in the place of JSON.",
        respond_to_accepted=lambda argument, _, respond: not_json(int(argument.number), respond),
    ),
    Fault(
        word="noid",
        does="Accepted and charged; the answer has no id.",
        respond_to_accepted=lambda _, __, respond: change_body(respond, lambda body: body | {"id": None}),
    ),
    Fault(
        word="badid",
        example="../x",
        does="Accepted and charged; the answer has that for an id.",
        respond_to_accepted=lambda argument, _, respond: change_body(
            respond, lambda body: body | {"id": argument.text}
        ),
    ),
    Fault(
        word="lateanswer",
        example="10",
        does="Accepted and charged at once; the answer comes that many seconds late.",
        respond_to_accepted=lambda argument, _, respond: delay(argument.number, respond),
    ),
    Fault(
        word="notasync",
        does="`async` is not heard: the answer is the finished record, once it is painted.",
        ignore_async=True,
    ),
)
