"""Responses that no good server gives, used by several faults."""

import asyncio
import json
import math
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

from hubportal.sandbox.faults.fault import Respond

_PROXY_PAGE = (
    "<html><head><title>{status} {reason}</title></head><body><center><h1>{status} {reason}</h1></center>"
    "<hr><center>nginx</center></body></html>\n"
)


def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without another byte."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def proxy_page(status: int) -> web.Response:
    """An error page such as a proxy in front of the hub serves; 502 if that is no error status."""
    status = status if 400 <= status <= 599 else 502
    response = web.Response(status=status, content_type="text/html")
    response.text = _PROXY_PAGE.format(status=status, reason=response.reason)
    return response


async def cut_in_half(request: web.Request, respond: Respond) -> web.StreamResponse:
    """Send half of the body under the length of all of it, and hang up."""
    ordinary = await respond()
    body = ordinary.body if isinstance(ordinary.body, bytes) else b""
    response = web.StreamResponse(status=ordinary.status, headers={"Content-Type": "application/json; charset=utf-8"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def delay(seconds: float, respond: Respond) -> web.StreamResponse:
    """The ordinary response, late."""
    await asyncio.sleep(seconds)
    return await respond()


async def change_body(respond: Respond, change: Callable[[dict[str, Any]], dict[str, Any]]) -> web.Response:
    """The ordinary response, with its fields changed."""
    ordinary = await respond()
    return web.json_response(change(json.loads(ordinary.text or "{}")), status=ordinary.status)


async def not_json(status: int, respond: Respond) -> web.Response:
    """An HTML page in place of JSON."""
    await respond()
    page = "<!doctype html><title>Welcome</title><p>It works!</p>\n"
    return web.Response(status=status if 200 <= status <= 299 else 202, text=page, content_type="text/html")


def redirect(address: str) -> web.Response:
    """307: the same method and body at another address."""
    return web.Response(status=307, headers={"Location": address})


def too_busy(seconds: float, *, as_date: bool = False) -> web.Response:
    """429, with the time to wait (RFC 9110, 10.2.3); hub-api.md has no code for it."""
    body = {"error": {"message": "Too many requests. Please slow down.", "code": "rateLimited"}}
    delay = math.ceil(seconds)
    when = formatdate(time.time() + delay, usegmt=True) if as_date else str(delay)
    return web.json_response(body, status=429, headers={"Retry-After": when})
