"""Troubles of the images' bytes: the generation succeeds and is charged, and its images can't be had as they should."""

import time
from typing import Any

from hubportal.sandbox import bad_images
from hubportal.sandbox.troubles.trouble import Argument, Record, Trouble


def _good_until(argument: Argument, record: Record, elapsed: float) -> Record:
    until = time.time() + argument.number
    images: Any = record["images"]
    return record | {"images": [image | {"url": f"{image['url']}?until={until:.3f}"} for image in images]}


IMAGES = (
    Trouble(
        word="badimage",
        does="Succeeds and is charged, but its images are HTML pages that claim to be PNG.",
        serve=lambda _, __: bad_images.page(),
    ),
    Trouble(
        word="svgimage",
        does="Succeeds and is charged, but its images are SVG drawings, with a script in them, that claim to be PNG.",
        serve=lambda _, __: bad_images.drawing(),
    ),
    Trouble(
        word="goneimage",
        does="Succeeds and is charged, but its images answer 404.",
        serve=lambda _, __: bad_images.refused(404),
    ),
    Trouble(
        word="mortalimage",
        example="60",
        does="The images' addresses answer 403 that many seconds after the look that told them; another tells new.",
        show=_good_until,
        serve=lambda _, picture: bad_images.refused_in_time(picture),
    ),
    Trouble(
        word="imagestatus",
        example="503 1",
        does="The first so many requests for each image are answered with that status.",
        serve=lambda argument, picture: bad_images.refused_at_first(*argument.numbers, picture=picture),
    ),
    Trouble(
        word="slowimage",
        example="10",
        does="Each image's bytes come in drips, the last after that many seconds.",
        serve=lambda argument, picture: bad_images.dripping(argument.number, picture),
    ),
    Trouble(
        word="endless",
        does="Each image begins well and never ends.",
        serve=lambda _, picture: bad_images.endless(picture),
    ),
    Trouble(
        word="cutimage",
        does="The connection breaks off in the middle of each image.",
        serve=lambda _, picture: bad_images.cut(picture),
    ),
    Trouble(
        word="halfimage",
        does="Each image is a file whose second half is missing, sent as if it were whole.",
        serve=lambda _, picture: bad_images.half(picture),
    ),
    Trouble(
        word="vastimage",
        does="Each image is a small file that unfolds to 30,000 × 30,000 pixels.",
        serve=lambda _, __: bad_images.vast(),
    ),
    Trouble(
        word="imagetype",
        example="text/html",
        does="The images are right, but said to be of that type.",
        serve=lambda argument, picture: bad_images.mistyped(argument.text, picture),
    ),
    Trouble(
        word="imagevia",
        example="http://127.0.0.2/image.png",
        does="The images' addresses send on to that one.",
        serve=lambda argument, _: bad_images.sent_on(argument.text),
    ),
)
