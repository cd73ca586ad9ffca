"""Faults of the images' bytes: the generation succeeds and is charged, and its images can't be had as they should."""

import asyncio
import functools
import math
import struct
import time
import zlib
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from hubportal.sandbox.faults.fault import Argument, Fault, Look, Record, RequestedImage

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HUGE_SIDE = 30_000  # pixels a side
_DRIP_COUNT = 20
_BLOCK_SIZE = 64 * 1024  # bytes


async def _html_page() -> web.StreamResponse:
    """HTML that claims to be a PNG."""
    return _png_response(b"<!doctype html><title>Sign in</title><p>Please sign in to see this image.</p>")


async def _svg() -> web.StreamResponse:
    """SVG that claims to be a PNG, and carries a script."""
    return _png_response(
        b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><script>alert(1)</script></svg>'
    )


async def _refuse(status: int) -> web.StreamResponse:
    """An error in an image's place; one that may pass says when (Retry-After, 30 seconds)."""
    headers = {"Retry-After": "30"} if status in (429, 503) else {}
    return web.Response(status=status, text="No image here", headers=headers)


async def _refuse_after_expiry(image: RequestedImage) -> web.StreamResponse:
    """The image, until the time in its URL."""
    if float(image.request.query.get("until", 0)) < time.time():
        return await _refuse(403)
    return web.FileResponse(image.path)


async def _refuse_at_first(status: float, times: float, *, image: RequestedImage) -> web.StreamResponse:
    """An error for the first so many requests of each image, and then the image."""
    if image.earlier < times:
        return await _refuse(int(status) if 400 <= status <= 599 else 503)
    return web.FileResponse(image.path)


async def _drip(seconds: float, image: RequestedImage) -> web.StreamResponse:
    """The image, slowly, in small parts."""
    body = image.path.read_bytes()
    response = await _start_response(image, len(body))
    size = math.ceil(len(body) / _DRIP_COUNT)
    for start in range(0, len(body), size):
        await response.write(body[start : start + size])
        await asyncio.sleep(seconds / _DRIP_COUNT)
    return response


async def _send_endlessly(image: RequestedImage) -> web.StreamResponse:
    """The image, followed by more bytes until the other side closes the connection."""
    response = await _start_response(image, None)
    await response.write(image.path.read_bytes())
    while True:
        await response.write(bytes(_BLOCK_SIZE))


async def _cut_connection(image: RequestedImage) -> web.StreamResponse:
    """Half of the image, under the length of all of it."""
    body = image.path.read_bytes()
    response = await _start_response(image, len(body))
    await response.write(body[: len(body) // 2])
    if image.request.transport is not None:
        image.request.transport.close()
    return response


async def _send_half(image: RequestedImage) -> web.StreamResponse:
    """Half of the image, sent as if it were all of it."""
    body = image.path.read_bytes()
    return _png_response(body[: len(body) // 2])


async def _send_huge() -> web.StreamResponse:
    """A black image of 900 million pixels."""
    return _png_response(await asyncio.to_thread(_huge_png))


async def _send_with_type(content_type: str, image: RequestedImage) -> web.StreamResponse:
    """The image under another content type."""
    return web.Response(body=image.path.read_bytes(), headers={"Content-Type": content_type})


async def _redirect(address: str) -> web.StreamResponse:
    """A redirect; brackets of an IPv6 address are written %5B and %5D."""
    return web.Response(status=302, headers={"Location": unquote(address)})


def _png_response(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="image/png")


async def _start_response(image: RequestedImage, size: int | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "image/png"})
    response.content_length = size
    await response.prepare(image.request)
    return response


@functools.cache
def _huge_png() -> bytes:
    """One bit a pixel, so that it is made quickly: half a megabyte."""
    header = struct.pack(">IIBBBBB", _HUGE_SIDE, _HUGE_SIDE, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(1)
    row = bytes(1 + _HUGE_SIDE // 8)
    pixels = b"".join([packer.compress(row * 1000) for _ in range(_HUGE_SIDE // 1000)]) + packer.flush()
    return _PNG_SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG chunk (W3C PNG, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _add_expiry(argument: Argument, record: Record, look: Look) -> Record:
    until = time.time() + argument.number
    images: Any = record["images"]
    return record | {"images": [image | {"url": f"{image['url']}?until={until:.3f}"} for image in images]}


IMAGE_FAULTS = (
    Fault(
        word="badimage",
        does="Succeeds and is charged, but its images are HTML pages that claim to be PNG.",
        respond_with_image=lambda _, __: _html_page(),
    ),
    Fault(
        word="svgimage",
        does="Succeeds and is charged, but its images are SVG drawings, with a script in them, that claim to be PNG.",
        respond_with_image=lambda _, __: _svg(),
    ),
    Fault(
        word="goneimage",
        does="Succeeds and is charged, but its images answer 404.",
        respond_with_image=lambda _, __: _refuse(404),
    ),
    Fault(
        word="mortalimage",
        example="60",
        does="The images' addresses answer 403 that many seconds after the look that told them; another tells new.",
        change_record=_add_expiry,
        respond_with_image=lambda _, image: _refuse_after_expiry(image),
    ),
    Fault(
        word="imagestatus",
        example="503 1",
        does="The first so many requests for each image are answered with that status.",
        respond_with_image=lambda argument, image: _refuse_at_first(*argument.numbers, image=image),
    ),
    Fault(
        word="slowimage",
        example="10",
        does="Each image's bytes come in drips, the last after that many seconds.",
        respond_with_image=lambda argument, image: _drip(argument.number, image),
    ),
    Fault(
        word="endless",
        does="Each image begins well and never ends.",
        respond_with_image=lambda _, image: _send_endlessly(image),
    ),
    Fault(
        word="cutimage",
        does="The connection breaks off in the middle of each image.",
        respond_with_image=lambda _, image: _cut_connection(image),
    ),
    Fault(
        word="halfimage",
        does="Each image is a file whose second half is missing, sent as if it were whole.",
        respond_with_image=lambda _, image: _send_half(image),
    ),
    Fault(
        word="vastimage",
        does="Each image is a small file that unfolds to 30,000 × 30,000 pixels.",
        respond_with_image=lambda _, __: _send_huge(),
    ),
    Fault(
        word="imagetype",
        example="text/html",
        does="The images are right, but said to be of that type.",
        respond_with_image=lambda argument, image: _send_with_type(argument.text, image),
    ),
    Fault(
        word="imagevia",
        example="http://127.0.0.2/image.png",
        does="The images' addresses send on to that one.",
        respond_with_image=lambda argument, _: _redirect(argument.text),
    ),
)
