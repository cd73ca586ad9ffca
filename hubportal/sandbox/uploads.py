"""Reads a submission's body, JSON or multipart, into plain fields and references; memory stays flat."""

import asyncio
import hashlib
import json
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from hubportal.sandbox import moments
from hubportal.sandbox.records import Reference
from hubportal.sandbox.refusals import invalid

type Colour = tuple[int, int, int]

LARGEST_REFERENCE = 50 * 1024 * 1024  # bytes (hub-api.md, Submitting)
MAX_REFERENCES = 16  # of any model (hub-api.md, Models)
# Named here so that they are imported now: Pillow's own lazy import, from two threads at once, can lose a format.
_FORMATS = (PngImageFile.format, JpegImageFile.format, WebPImageFile.format)
# What Pillow raises for a picture that isn't whole.
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    IndexError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
)
_LARGEST_FIELD = 1024 * 1024  # bytes
_MOST_FIELDS = 50
_MOST_PIXELS = 50_000_000  # larger references are taken, but their colour isn't looked at
_BLOCK = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it came: JSON's values, or text for each part of a form; `tint` is the references' average."""

    fields: dict[str, object]
    references: tuple[Reference, ...] = ()
    tint: Colour | None = None
    is_form: bool = False


async def read_body(request: web.Request, folder: Path) -> Body:
    """Read the whole body; files pass through `folder` and are gone afterwards. Raises Refusal (400)."""
    if request.content_type == "application/json":
        return Body(fields=await _json_fields(request))
    if request.content_type == "multipart/form-data":
        return await _form(request, folder)
    raise invalid("Send application/json or multipart/form-data.")


async def _json_fields(request: web.Request) -> dict[str, object]:
    try:
        fields = json.loads(await request.read())
    except (ValueError, RecursionError, web.HTTPRequestEntityTooLarge) as error:
        raise invalid("The body is not valid JSON.") from error
    if not isinstance(fields, dict):
        raise invalid("The body must be a JSON object.")
    return fields


async def _form(request: web.Request, folder: Path) -> Body:
    fields: dict[str, object] = {}
    references: list[Reference] = []
    colours: list[Colour] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or len(fields) > _MOST_FIELDS:
                raise invalid("The form is nested or has too many fields.")
            if part.name != "reference_image":
                fields[part.name or ""] = await _text(part)
                continue
            if moments.hung_up_midway(str(fields.get("prompt")), request):
                raise invalid("The connection broke.")
            if len(references) == MAX_REFERENCES:
                raise invalid(f"Too many reference images: {MAX_REFERENCES} at most.")
            reference, colour = await _reference(part, folder)
            references.append(reference)
            colours += [colour] if colour else []
    except (ValueError, RuntimeError, HttpProcessingError) as error:
        raise invalid("The form could not be read.") from error
    return Body(fields, tuple(references), _average(colours), is_form=True)


async def _text(part: BodyPartReader) -> str:
    if part.filename is not None:
        raise invalid(f"Unexpected file in {part.name}: files go into reference_image.")
    text = bytearray()
    while block := await part.read_chunk(_BLOCK):
        text += block
        if len(text) > _LARGEST_FIELD:
            raise invalid(f"{part.name} is too long.")
    return text.decode()


async def _reference(part: BodyPartReader, folder: Path) -> tuple[Reference, Colour | None]:
    """A file's facts and its average colour."""
    name = part.filename or "reference"
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(dir=folder) as file:
        while block := await part.read_chunk(_BLOCK):
            size += len(block)
            if size > LARGEST_REFERENCE:
                raise invalid(f"{name} is larger than 50 MB.")
            digest.update(block)
            file.write(block)
        file.seek(0)
        if not _is_image(file.read(12)):
            raise invalid(f"{name} is not a PNG, JPEG or WebP image.")
        colour = await asyncio.to_thread(_colour_of, file)
    content_type = part.headers.get("Content-Type", "application/octet-stream")
    return Reference(name, content_type, size, digest.hexdigest()), colour


def _is_image(start: bytes) -> bool:
    return start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (start[:4], start[8:12]) == (b"RIFF", b"WEBP")


def _colour_of(file: IO[bytes]) -> Colour | None:
    """The average colour; None when the picture is broken or huge, which the sandbox doesn't mind."""
    try:
        file.seek(0)
        with Image.open(file, formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.draft("RGB", (64, 64))
            pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    except _BROKEN:
        return None
    return pixel[0], pixel[1], pixel[2]


def _average(colours: list[Colour]) -> Colour | None:
    if not colours:
        return None
    red, green, blue = (sum(parts) // len(colours) for parts in zip(*colours, strict=True))
    return red, green, blue
