"""Troubles of looking at a generation: it can't be seen, or its record says what no record should."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web

from hubportal.sandbox.misbehaviour import Respond, changed, proxy_page, too_busy
from hubportal.sandbox.refusals import generation_failed, not_found
from hubportal.sandbox.troubles.trouble import Argument, Record, Trouble


def _lose(argument: Argument, record: Record, elapsed: float) -> Record:
    if elapsed < argument.number:
        raise not_found()
    return record


def _break(argument: Argument, record: Record, elapsed: float) -> Record | web.Response:
    status, seconds = argument.numbers
    if elapsed >= seconds:
        return record
    if status == 500:
        raise generation_failed("Internal error.")
    return too_busy(seconds) if status == 429 else proxy_page(int(status))


def _price(argument: Argument, record: Record) -> Record:
    try:
        credits = json.loads(argument.text)
    except ValueError:
        credits = argument.text
    usage: Any = record["usage"]
    name = "credits_requested" if "credits_requested" in usage else "credits"
    return record | {"usage": usage | {name: credits}}


def _without_usage(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in {"usage", "balance"}}


def _elsewhere(argument: Argument, record: Record, elapsed: float) -> Record:
    # Brackets can't stand in an argument, and an IPv6 address has them: %5B and %5D do.
    images: Any = record["images"]
    return record | {"images": [image | {"url": unquote(argument.text)} for image in images]}


def _without_host(_: Argument, record: Record, elapsed: float) -> Record:
    images: Any = record["images"]
    return record | {"images": [image | {"url": urlsplit(image["url"]).path} for image in images]}


def _called(argument: Argument, record: Record, elapsed: float) -> Record:
    return record | {"status": argument.text} if record["images"] else record


async def _answer_price(argument: Argument, _: web.Request, respond: Respond) -> web.Response:
    return await changed(respond, lambda answer: _price(argument, answer))


FOLLOWING = (
    Trouble(
        word="lost",
        example="10",
        does="Looking at the generation gives 404 for that many seconds after it was accepted.",
        show=_lose,
    ),
    Trouble(
        word="looks",
        example="502 10",
        does="Looking gives that status for that many seconds: 429 with Retry-After, 500 in the hub's own words, "
        "others as a proxy's page.",
        show=_break,
    ),
    Trouble(
        word="nousage",
        does="No answer says what it costs or what is left.",
        answer=lambda _, __, respond: changed(respond, _without_usage),
        show=lambda _, record, __: _without_usage(record),
    ),
    Trouble(
        word="credits",
        example="-8",
        does="Every answer says that it costs that much; charged is what it really costs.",
        answer=_answer_price,
        show=lambda argument, record, _: _price(argument, record),
    ),
    Trouble(
        word="imageat",
        example="http://127.0.0.2/image.png",
        does="The record says that the images are at that address.",
        show=_elsewhere,
    ),
    Trouble(
        word="imagepath",
        does="The record gives the images' addresses without scheme and host.",
        show=_without_host,
    ),
    Trouble(
        word="status",
        example="expired",
        does="Succeeds, and its record has that word for its status.",
        show=_called,
    ),
)
