"""Making a picture in another format, in the worker."""

import uuid
from datetime import UTC

import structlog
from django.utils.translation import gettext as _

from hubportal.gallery.models import Conversion
from hubportal.generations.models import Image
from hubportal.imaging import CONVERSIONS, InvalidImage, PictureFacts, convert

log = structlog.get_logger(__name__)

# Characters of a prompt that are its title; the whole of it is the description.
MAX_TITLE = 120


def convert_picture(pk: uuid.UUID) -> bool:
    """True when it is made. May run twice at once: one of them has the lease."""
    conversion = Conversion.objects.claim(pk)
    if conversion is None:
        return False
    image = conversion.image
    try:
        with image.original.open() as file:
            content = convert(file.file, conversion.format, conversion.side, _facts(image))
        return conversion.record_made(content, CONVERSIONS[conversion.format][1])
    except InvalidImage as failure:
        log.warning("picture_not_converted", image=str(image.pk), reason=failure.reason)
        conversion.record_failed()
    except OSError:
        log.exception("picture_not_converted", image=str(image.pk))
        conversion.record_interrupted()
    return False


def _facts(image: Image) -> PictureFacts:
    generation = image.generation
    made_at = image.created_at.astimezone(UTC)
    tool = _("{model}, through GPT Image Hub and Hubportal").format(model=generation.model)
    prompt = generation.prompt
    title = prompt if len(prompt) <= MAX_TITLE else f"{prompt[: MAX_TITLE - 1]}…"
    return PictureFacts(" ".join(title.split()), prompt, str(generation.author), made_at, tool)
