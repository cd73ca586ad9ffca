"""From a request to an order: the body, JSON or multipart, into fields and references, and what they ask for.

Both editions of the API are understood (hub-api.md, Submitting): the current one says `size` and means by `quality`
the effort; the older one says `aspect_ratio` and means by `quality` the tier. Memory stays flat: files are read block
by block.
"""

import asyncio
import hashlib
import json
import re
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from hubportal.hub.image_models import OPTION_NAMES, ImageModel
from hubportal.hub.sizes import TIERS, Size, read_size, size_for
from hubportal.sandbox.faults import injection
from hubportal.sandbox.records import Order, Reference
from hubportal.sandbox.responses import MODELS, invalid_request

type Colour = tuple[int, int, int]

MAX_REFERENCE_SIZE = 50 * 1024 * 1024  # bytes (hub-api.md, Submitting)
MAX_REFERENCES = 16  # of any model (hub-api.md, Models)
# Named here so that they are imported now: Pillow's own lazy import, from two threads at once, can lose a format.
_FORMATS = (PngImageFile.format, JpegImageFile.format, WebPImageFile.format)
# What Pillow raises for broken images.
_DECODER_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    SyntaxError,
    IndexError,
    TypeError,
    struct.error,
    Image.DecompressionBombError,
)
_MAX_FIELD_SIZE = 1024 * 1024  # bytes
_IMAGE_START = re.compile(rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|RIFF....WEBP", re.DOTALL)
_MAX_FIELDS = 50
_MAX_PIXELS = 50_000_000  # the colour of larger references isn't read
_BLOCK_SIZE = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: JSON values, or text for each part of a form; `tint` is the references' average colour."""

    fields: dict[str, object]
    references: tuple[Reference, ...] = ()
    tint: Colour | None = None
    is_form: bool = False


async def read_body(request: web.Request, folder: Path) -> Body:
    """Read the body; files are written to `folder` while they are read, and removed. Raises ApiError (400)."""
    if request.content_type == "application/json":
        return Body(fields=await _json_fields(request))
    if request.content_type == "multipart/form-data":
        return await _form(request, folder)
    raise invalid_request("Send application/json or multipart/form-data.")


async def _json_fields(request: web.Request) -> dict[str, object]:
    try:
        fields = json.loads(await request.read())
    except (ValueError, RecursionError, web.HTTPRequestEntityTooLarge) as error:
        raise invalid_request("The body is not valid JSON.") from error
    if not isinstance(fields, dict):
        raise invalid_request("The body must be a JSON object.")
    return fields


async def _form(request: web.Request, folder: Path) -> Body:
    fields: dict[str, object] = {}
    references: list[Reference] = []
    colours: list[Colour] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or len(fields) > _MAX_FIELDS:
                raise invalid_request("The form is nested or has too many fields.")
            if part.name != "reference_image":
                fields[part.name or ""] = await _text(part)
                continue
            if injection.hang_up_at_reference(str(fields.get("prompt")), request):
                raise invalid_request("The connection broke.")
            if len(references) == MAX_REFERENCES:
                raise invalid_request(f"Too many reference images: {MAX_REFERENCES} at most.")
            reference, colour = await _reference(part, folder)
            references.append(reference)
            colours += [colour] if colour else []
    except (ValueError, RuntimeError, HttpProcessingError) as error:
        raise invalid_request("The form could not be read.") from error
    return Body(fields, tuple(references), _average(colours), is_form=True)


async def _text(part: BodyPartReader) -> str:
    if part.filename is not None:
        raise invalid_request(f"Unexpected file in {part.name}: files go into reference_image.")
    text = bytearray()
    while block := await part.read_chunk(_BLOCK_SIZE):
        text += block
        if len(text) > _MAX_FIELD_SIZE:
            raise invalid_request(f"{part.name} is too long.")
    return text.decode()


async def _reference(part: BodyPartReader, folder: Path) -> tuple[Reference, Colour | None]:
    """Name, type, size and hash of a file, and its average colour."""
    name = part.filename or "reference"
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(dir=folder) as file:
        while block := await part.read_chunk(_BLOCK_SIZE):
            size += len(block)
            if size > MAX_REFERENCE_SIZE:
                raise invalid_request(f"{name} is larger than 50 MB.")
            digest.update(block)
            file.write(block)
        file.seek(0)
        if not _IMAGE_START.match(file.read(12)):
            raise invalid_request(f"{name} is not a PNG, JPEG or WebP image.")
        colour = await asyncio.to_thread(_colour_of, file)
    content_type = part.headers.get("Content-Type", "application/octet-stream")
    return Reference(name, content_type, size, digest.hexdigest()), colour


def _colour_of(file: IO[bytes]) -> Colour | None:
    """The average colour; None for a broken or huge image, which the sandbox accepts all the same."""
    try:
        file.seek(0)
        with Image.open(file, formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                return None
            image.draft("RGB", (64, 64))
            pixel = image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes()
    except _DECODER_ERRORS:
        return None
    return pixel[0], pixel[1], pixel[2]


def _average(colours: list[Colour]) -> Colour | None:
    if not colours:
        return None
    red, green, blue = (sum(parts) // len(colours) for parts in zip(*colours, strict=True))
    return red, green, blue


MAX_PROMPT_LENGTH = 32_000  # characters; the hub's own bound isn't documented
MIN_SIDE, MAX_SIDE = 64, 4096  # pixels
MAX_RATIO = 3.1  # 1:3 is the narrowest documented ratio; the rest is for rounding
_TRUE, _FALSE = ("true", "1"), ("false", "0", "")


def read_order(body: Body) -> Order:
    """Check a body and turn it into an order. Raises ApiError (400)."""
    fields = body.fields
    model = MODELS.get(str(fields.get("model")))
    if model is None:
        raise invalid_request(f"model must be one of {', '.join(MODELS)}.")
    if len(body.references) > model.reference_limit:
        raise invalid_request(f"Too many reference images: {model.id} takes {model.reference_limit} at most.")
    size, effort = _size(model, fields), _effort(model, fields)
    _check_options(model, fields)
    n = _count(fields.get("n", 1), body.is_form)
    return Order(
        model=model.id,
        prompt=_prompt(fields.get("prompt")),
        aspect_ratio=size.ratio,
        tier=size.tier,
        width=size.width,
        height=size.height,
        n=n,
        price=(model.price(size.tier, effort) or 0) * n,
        waits=not _flag(fields.get("async", False), body.is_form),
        fields=fields,
        references=body.references,
        tint=body.tint,
    )


def _prompt(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid_request("prompt is required.")
    if len(value) > MAX_PROMPT_LENGTH:
        raise invalid_request(f"prompt is too long: {MAX_PROMPT_LENGTH} characters at most.")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise invalid_request("prompt contains characters that are not text.")
    return value


def _count(value: object, is_form: bool) -> int:
    if is_form and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4:
        raise invalid_request("n must be a whole number from 1 to 4.")
    return value


def _flag(value: object, is_form: bool) -> bool:
    if is_form and isinstance(value, str) and value.lower() in _TRUE + _FALSE:
        return value.lower() in _TRUE
    if not isinstance(value, bool):
        raise invalid_request("async must be true or false.")
    return value


def _effort(model: ImageModel, fields: Mapping[str, object]) -> str:
    quality = str(fields.get("quality", "auto"))
    if quality in TIERS:
        return "auto"
    if not model.takes_effort(quality):
        words = ", ".join(model.efforts or ("auto",))
        raise invalid_request(f"quality must be one of {words} (or 1K, 2K, 4K with aspect_ratio).")
    return quality


def _check_options(model: ImageModel, fields: Mapping[str, object]) -> None:
    """What the model declares is taken, and changes nothing in the picture."""
    for name in OPTION_NAMES:
        words = model.options.get(name, ())
        if name in fields and fields[name] not in words:
            raise invalid_request(f"{name} must be one of {', '.join(words)}." if words else f"Unknown {name}.")


def _size(model: ImageModel, fields: Mapping[str, object]) -> Size:
    """The size in pixels, from whichever edition of the API was used."""
    size, ratio, quality = (fields.get(name, "auto") for name in ("size", "aspect_ratio", "quality"))
    if ratio not in model.aspect_ratios:
        raise invalid_request(f"aspect_ratio must be one of {', '.join(model.aspect_ratios)}.")
    if size != "auto":
        wanted = _pixels(size)
        if ratio != "auto" or (quality in TIERS and quality != wanted.tier):
            raise invalid_request("Ask for a size, or for an aspect_ratio and a tier; not for both.")
    else:
        wanted = size_for("1:1" if ratio == "auto" else str(ratio), str(quality) if quality in TIERS else "1K")
    if wanted.tier not in model.tiers:
        raise invalid_request(
            f"{model.id} paints in {', '.join(model.tiers)} only, and {wanted.value} is {wanted.tier}."
        )
    return wanted


def _pixels(text: object) -> Size:
    """A WIDTHxHEIGHT within the sandbox's own bounds; the hub's aren't documented."""
    size = read_size(text) if isinstance(text, str) and re.fullmatch(r"\d+x\d+", text) else None
    if size is None:
        raise invalid_request("size must be auto or WIDTHxHEIGHT, such as 1024x1024.")
    long, short = max(size.width, size.height), min(size.width, size.height)
    if short < MIN_SIDE or long > MAX_SIDE or long > short * MAX_RATIO:
        raise invalid_request(f"size must be {MIN_SIDE} to {MAX_SIDE} pixels a side and no narrower than 1:3.")
    return size
