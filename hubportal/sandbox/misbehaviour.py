"""Answers that no good server gives: what the troubles do to the wire."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

type Respond = Callable[[], Awaitable[web.Response]]

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
    answer = web.Response(status=status, content_type="text/html")
    answer.text = _PROXY_PAGE.format(status=status, reason=answer.reason)
    return answer


async def cut_in_half(request: web.Request, respond: Respond) -> web.StreamResponse:
    """Promise the whole body, send half of it, and hang up."""
    whole = await respond()
    body = whole.body if isinstance(whole.body, bytes) else b""
    answer = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json; charset=utf-8"})
    answer.content_length = len(body)
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return answer


async def late(seconds: float, respond: Respond) -> web.StreamResponse:
    """The right answer, too late."""
    await asyncio.sleep(seconds)
    return await respond()


async def changed(respond: Respond, change: Callable[[dict[str, Any]], dict[str, Any]]) -> web.Response:
    """The right answer, with its fields changed."""
    right = await respond()
    return web.json_response(change(json.loads(right.text or "{}")), status=right.status)


async def not_json(status: int, respond: Respond) -> web.Response:
    """A page where the answer should be."""
    await respond()
    page = "<!doctype html><title>Welcome</title><p>It works!</p>\n"
    return web.Response(status=status if 200 <= status <= 299 else 202, text=page, content_type="text/html")


def redirected(address: str) -> web.Response:
    """Somewhere else, please, with the same method and body."""
    return web.Response(status=307, headers={"Location": address})


def too_busy(seconds: float, *, as_date: bool = False) -> web.Response:
    """429, with the time to wait (RFC 9110, 10.2.3); hub-api.md has no code for it."""
    body = {"error": {"message": "Too many requests. Please slow down.", "code": "rateLimited"}}
    wait = math.ceil(seconds)
    when = formatdate(time.time() + wait, usegmt=True) if as_date else str(wait)
    return web.json_response(body, status=429, headers={"Retry-After": when})
