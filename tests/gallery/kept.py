"""Kept pictures, made in one line."""

import io
from datetime import datetime
from typing import Any

from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.models import Generation, Image
from hubportal.imaging import FORMATS, make_small_thumbnail, make_thumbnail
from hubportal.teams.models import Team
from tests import makers
from tests.makers import make_generation, picture_bytes


def keep(
    generation: Generation,
    *,
    position: int = 0,
    size: tuple[int, int] = (64, 48),
    form: str = "PNG",
    created_at: datetime | None = None,
) -> Image:
    """One picture of this generation, with a real file and real thumbnails."""
    content = picture_bytes(form, size)
    image = Image(generation=generation, team=generation.team, position=position, url="https://cdn.example/p.png")
    image.created_at = created_at or timezone.now()
    image.save()
    thumb = make_thumbnail(io.BytesIO(content))
    return makers.store_image(image, content, thumb, make_small_thumbnail(thumb), kind=FORMATS[form][1], size=size)


def picture(team: Team, author: User, prompt: str = "A red boat", **how: Any) -> Image:
    """A generation with one kept picture; `how` goes to the order (model, visibility) or to `keep`."""
    order = {name: how.pop(name) for name in ("model", "visibility") if name in how}
    return keep(make_generation(team, author, prompt, **order), **how)


def many(team: Team, author: User, number: int, **fields: Any) -> list[Image]:
    """Many kept pictures of one prompt, as records alone: for pages and counts, not for bytes."""
    generations = [
        Generation(team=team, author=author, prompt=f"Boat {place}", model="gpt-image-2") for place in range(number)
    ]
    Generation.objects.bulk_create(generations)
    pictures = [
        Image(
            generation=generation, team=team, position=0, url="x", original="x.png", thumb="x.webp",
            thumb_small="s.webp",
            content_type="image/png", size=1, width=3, height=2, kept_at=timezone.now(), **fields,
        )
        for generation in generations
    ]  # fmt: skip
    return Image.objects.bulk_create(pictures)
