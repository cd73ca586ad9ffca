"""Images that no good server gives: what the troubles do to an image's bytes."""

import asyncio
import functools
import math
import struct
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from aiohttp import web

_PNG = b"\x89PNG\r\n\x1a\n"
_VAST = 30_000  # pixels a side
_DRIPS = 20
_BLOCK = 64 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that somebody asks for: where its bytes are, and how often it was asked for before."""

    request: web.Request
    path: Path
    earlier: int


async def page() -> web.StreamResponse:
    """HTML that claims to be a PNG."""
    return _image(b"<!doctype html><title>Sign in</title><p>Please sign in to see this image.</p>")


async def drawing() -> web.StreamResponse:
    """SVG that claims to be a PNG, and carries a script."""
    return _image(b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>')


async def refused(status: int) -> web.StreamResponse:
    """An error in an image's place; one that may pass says when (Retry-After, 30 seconds)."""
    headers = {"Retry-After": "30"} if status in (429, 503) else {}
    return web.Response(status=status, text="No image here", headers=headers)


async def refused_in_time(picture: Picture) -> web.StreamResponse:
    """The image, until the moment that its address names."""
    if float(picture.request.query.get("until", 0)) < time.time():
        return await refused(403)
    return web.FileResponse(picture.path)


async def refused_at_first(status: float, times: float, *, picture: Picture) -> web.StreamResponse:
    """The same, so many times for each image, and then the image."""
    if picture.earlier < times:
        return await refused(int(status) if 400 <= status <= 599 else 503)
    return web.FileResponse(picture.path)


async def dripping(seconds: float, picture: Picture) -> web.StreamResponse:
    """The image, in drips."""
    body = picture.path.read_bytes()
    answer = await _begun(picture, len(body))
    size = math.ceil(len(body) / _DRIPS)
    for start in range(0, len(body), size):
        await answer.write(body[start : start + size])
        await asyncio.sleep(seconds / _DRIPS)
    return answer


async def endless(picture: Picture) -> web.StreamResponse:
    """The image, and after it more and more, until the other side has had enough."""
    answer = await _begun(picture, None)
    await answer.write(picture.path.read_bytes())
    while True:
        await answer.write(bytes(_BLOCK))


async def cut(picture: Picture) -> web.StreamResponse:
    """The whole image promised, half of it sent."""
    body = picture.path.read_bytes()
    answer = await _begun(picture, len(body))
    await answer.write(body[: len(body) // 2])
    if picture.request.transport is not None:
        picture.request.transport.close()
    return answer


async def half(picture: Picture) -> web.StreamResponse:
    """Half of the image, with nothing in the answer that tells."""
    body = picture.path.read_bytes()
    return _image(body[: len(body) // 2])


async def vast() -> web.StreamResponse:
    """A black picture of 900 million pixels."""
    return _image(await asyncio.to_thread(_vast_png))


async def mistyped(content_type: str, picture: Picture) -> web.StreamResponse:
    """The image, called something else."""
    return web.Response(body=picture.path.read_bytes(), headers={"Content-Type": content_type})


async def sent_on(address: str) -> web.StreamResponse:
    """A redirect; brackets of an IPv6 address are written %5B and %5D."""
    return web.Response(status=302, headers={"Location": unquote(address)})


def _image(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="image/png")


async def _begun(picture: Picture, size: int | None) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "image/png"})
    answer.content_length = size
    await answer.prepare(picture.request)
    return answer


@functools.cache
def _vast_png() -> bytes:
    """One bit a pixel, so that it is made in a moment: half a megabyte."""
    header = struct.pack(">IIBBBBB", _VAST, _VAST, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(1)
    row = bytes(1 + _VAST // 8)
    pixels = b"".join([packer.compress(row * 1000) for _ in range(_VAST // 1000)]) + packer.flush()
    return _PNG + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk (W3C PNG, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
