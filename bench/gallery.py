"""A gallery to measure: many pictures as records, a few as files that all of them share."""

import hashlib
import io
from datetime import datetime, timedelta
from itertools import count
from random import Random

import pyvips
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from bench.site import MODEL, BenchTeam
from hubportal.generations.models import Generation, Image, State
from hubportal.imaging import make_small_thumbnail, make_thumbnail

SHAPES = [(1024, 1024), (1536, 1024), (1024, 1536), (1024, 1024), (1280, 720)]
INTERVAL = timedelta(minutes=7)
TEXT = "A red boat in the harbour at dusk, oil on canvas, with gulls and a lighthouse behind mist over old pines"
WORDS = TEXT.split()


def fill(bench_team: BenchTeam, number: int) -> Image:
    """Give the team so many kept pictures; gives the newest."""
    files = [_store(place, *shape) for place, shape in enumerate(SHAPES * 4)]
    now = timezone.now()
    generations = [_generation(bench_team, now - place * INTERVAL, place) for place in range(number)]
    Generation.objects.bulk_create(generations, batch_size=300)
    images = [
        Image(
            generation=generation, team=generation.team, position=0, created_at=generation.created_at, url="x",
            kept_at=generation.created_at, content_type="image/png", **files[place % len(files)],
        )
        for place, generation in zip(count(), generations, strict=False)
    ]  # fmt: skip
    return Image.objects.bulk_create(images, batch_size=300)[0]


def _generation(bench_team: BenchTeam, at: datetime, place: int) -> Generation:
    return Generation(
        team=bench_team.team, author=bench_team.owner, prompt=_prompt(place), model=MODEL, created_at=at,
        state=State.SUCCEEDED, accepted_at=at, answered_at=at, finished_at=at, charged=8, hub_id=f"gen_{place}",
    )  # fmt: skip


def _prompt(place: int) -> str:
    """Of words in an order of its own: a page of like prompts would be compressed too well."""
    random = Random(place)  # noqa: S311 - nothing is kept secret by it
    return " ".join(random.choices(WORDS, k=random.randint(8, 30)))


def _store(place: int, width: int, height: int) -> dict[str, object]:
    """One picture's files, its size in bytes and its sides in pixels: waves with the grain of a photo."""
    bands = [
        pyvips.Image.perlin(width, height, cell_size=64, seed=3 * place + band) * 90
        + pyvips.Image.gaussnoise(width, height, sigma=12, mean=128, seed=3 * place + band)
        for band in range(3)
    ]
    original = bands[0].bandjoin(bands[1:]).cast("uchar").copy(interpretation="srgb").pngsave_buffer(compression=1)
    thumb = make_thumbnail(io.BytesIO(original))
    contents = {"original": original, "thumb": thumb, "thumb_small": make_small_thumbnail(thumb)}
    names = {
        field: default_storage.save(f"pictures/bench/{place}/{field}", ContentFile(content))
        for field, content in contents.items()
    }
    return {
        **names,
        "size": len(original),
        "sha256": hashlib.sha256(original).hexdigest(),
        "width": width,
        "height": height,
    }
