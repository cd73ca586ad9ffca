"""Faults of polling a generation: it can't be read, or its record says what no record should."""

import json
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web

from hubportal.sandbox.faults.fault import Argument, Fault, Look, Record
from hubportal.sandbox.faults.faulty_responses import change_body, proxy_page, too_busy
from hubportal.sandbox.responses import generation_failed, not_found


def _not_found_at_first(argument: Argument, record: Record, look: Look) -> Record:
    if look.elapsed < argument.number:
        raise not_found()
    return record


def _fail_at_first(argument: Argument, record: Record, look: Look) -> Record | web.Response:
    status, seconds = argument.numbers
    if look.elapsed >= seconds:
        return record
    if status == 500:
        raise generation_failed("Internal error.")
    return too_busy(seconds) if status == 429 else proxy_page(int(status))


def _set_price(argument: Argument, record: Record) -> Record:
    try:
        credits = json.loads(argument.text)
    except ValueError:
        credits = argument.text
    usage: Any = record["usage"]
    name = "credits_requested" if "credits_requested" in usage else "credits"
    return record | {"usage": usage | {name: credits}}


def _remove_usage(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in {"usage", "balance"}}


def _set_image_url(argument: Argument, record: Record, look: Look) -> Record:
    # Brackets can't stand in an argument, and an IPv6 address has them: %5B and %5D do.
    images: Any = record["images"]
    return record | {"images": [image | {"url": unquote(argument.text)} for image in images]}


def _remove_image_host(_: Argument, record: Record, look: Look) -> Record:
    images: Any = record["images"]
    return record | {"images": [image | {"url": urlsplit(image["url"]).path} for image in images]}


POLLING_FAULTS = (
    Fault(
        word="lost",
        example="10",
        does="Looking at the generation gives 404 for that many seconds after it was accepted.",
        change_record=_not_found_at_first,
    ),
    Fault(
        word="looks",
        example="502 10",
        does="Looking gives that status for that many seconds: 429 with Retry-After, 500 in the hub's own words, "
        "others as a proxy's page.",
        change_record=_fail_at_first,
    ),
    Fault(
        word="nousage",
        does="No answer says what it costs or what is left.",
        respond_to_accepted=lambda _, __, respond: change_body(respond, _remove_usage),
        change_record=lambda _, record, __: _remove_usage(record),
    ),
    Fault(
        word="credits",
        example="-8",
        does="Every answer says that it costs that much; charged is what it really costs.",
        respond_to_accepted=lambda argument, _, respond: change_body(respond, lambda body: _set_price(argument, body)),
        change_record=lambda argument, record, _: _set_price(argument, record),
    ),
    Fault(
        word="imageat",
        example="http://127.0.0.2/image.png",
        does="The record says that the images are at that address.",
        change_record=_set_image_url,
    ),
    Fault(
        word="imagepath",
        does="The record gives the images' addresses without scheme and host.",
        change_record=_remove_image_host,
    ),
    Fault(
        word="status",
        example="expired",
        does="Succeeds, and its record has that word for its status.",
        change_record=lambda argument, record, _: record | ({"status": argument.text} if record["images"] else {}),
    ),
)
