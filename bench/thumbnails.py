"""What one thumbnail takes of the worker, by the kind of picture, beside Pillow's own thumbnail of the same picture.

Each is measured in a process of its own, since neither library gives back all it took. Memory is the peak of the
resident set (VmHWM) during the first one, against what the process had after a small one.
"""

import argparse
import io
import multiprocessing
import os
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import IO

import pyvips
from PIL import Image as Pillow

from bench.environment import BenchEnvironment
from bench.process import peak_bytes, reset_peak, resident_bytes
from bench.report import Line, quantile
from hubportal.imaging import THUMBNAIL_SIDE, make_thumbnail

REFERENCE = 64.0  # MB: what sixteen references may make the worker grow by
MB = 10**6
WIDTH, HEIGHT = 8660, 5773  # almost 50 million pixels, the most that are decoded
FINE = 0.02  # degrees a pixel and slope: all of these are files that may be uploaded, under 50 MB
GRAIN = 8  # of 256 shades: a file of these is not all sky
SAMPLE = 0.5  # seconds of CPU after which a thumbnail has been made often enough
NOISE_BYTES = 50 * 10**6  # of one picture of noise
NOISE_SIDE = 4080  # pixels, three bytes each
BLOCK_ROWS = 64

type Maker = Callable[[IO[bytes]], object]


def run(env: BenchEnvironment, _: argparse.Namespace) -> list[Line]:
    small = env.data / "small.png"
    _waves(256, 256).pngsave(str(small))
    return [line for kind, make in _kinds().items() for line in _lines(kind, make, env.data / kind, small)]


def _kinds() -> dict[str, Callable[[str], object]]:
    """How a picture of each kind is written to a path."""
    waves = _waves(WIDTH, HEIGHT).copy_memory()
    photo = _grained(waves).copy_memory()
    return {
        "noise": lambda path: write_large_png(Path(path), 0),
        "png": lambda path: waves.pngsave(path, compression=1),
        "jpeg": lambda path: photo.jpegsave(path, Q=90),
        "webp": lambda path: photo.webpsave(path, Q=80, effort=0),
        "interlaced": lambda path: waves.bandjoin(255).pngsave(path, compression=1, interlace=True),
        "progressive": lambda path: photo.jpegsave(path, Q=90, interlace=True),
        "lossless": lambda path: waves.webpsave(path, lossless=True, effort=0),
        "1024": lambda path: _waves(1024, 1024).pngsave(path),
    }


def _waves(width: int, height: int) -> pyvips.Image:
    """Soft colours, the same each time."""
    at = pyvips.Image.xyz(width, height)
    slopes = ((3.1, 0.7), (0.5, 2.9), (1.1, -1.3))
    red, green, blue = (((at[0] * a + at[1] * b) * FINE).sin() * 90 + 128 for a, b in slopes)
    return red.bandjoin([green, blue]).cast("uchar").copy(interpretation="srgb")


def _grained(picture: pyvips.Image) -> pyvips.Image:
    """With the grain of a photo, one tile of it over and over: what is lossy has something to press."""
    tile = pyvips.Image.gaussnoise(1024, 1024, sigma=GRAIN, mean=0, seed=1)
    times = (picture.width // 1024 + 1, picture.height // 1024 + 1)
    grain = tile.replicate(*times).crop(0, 0, picture.width, picture.height)
    return (picture + grain).cast("uchar").copy(interpretation="srgb")


def _lines(kind: str, make: Callable[[str], object], path: Path, small: Path) -> list[Line]:
    make(str(path))
    (grew, taken), (pillow_grew, pillow_taken) = (_apart(maker, path, small) for maker in (make_thumbnail, _by_pillow))
    with Pillow.open(path) as picture:
        what = f"{picture.format}, {picture.width * picture.height / 10**6:.1f} Mpx, {path.stat().st_size / MB:.1f} MB"
    path.unlink()
    return [
        Line(f"thumbs.{kind}.mb", grew, REFERENCE, "MB", None, f"{what}; Pillow grew by {pillow_grew:.0f} MB"),
        Line(f"thumbs.{kind}.cpu", taken, pillow_taken, "s", None, "CPU of one, against Pillow's"),
    ]


def _by_pillow(file: IO[bytes]) -> None:
    with Pillow.open(file) as picture:
        picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        picture.save(io.BytesIO(), "WEBP", quality=80, method=0)


def _apart(maker: Maker, path: Path, small: Path) -> tuple[float, float]:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(_measure, maker, path, small).result()


def _measure(maker: Maker, path: Path, small: Path) -> tuple[float, float]:
    """By how many MB the first one made this process grow, and the CPU seconds of one at the median."""
    _seconds(maker, small)
    reset_peak(os.getpid())
    had = resident_bytes(os.getpid())
    taken = [_seconds(maker, path)]
    grew = (peak_bytes(os.getpid()) - had) / MB
    while sum(taken) < SAMPLE:
        taken.append(_seconds(maker, path))
    return grew, quantile(taken, 0.5)


def _seconds(maker: Maker, path: Path) -> float:
    with path.open("rb") as file:
        began = time.process_time()
        maker(file)
        return time.process_time() - began


def write_large_png(path: Path, seed: int) -> None:
    """A PNG of almost 50 MB (W3C PNG, 5 and 11), written in blocks of rows.

    It is noise, which no format compresses: the largest file a reference may be, with the fewest pixels for it.
    """
    chance, packer = Random(seed), zlib.compressobj(0)  # noqa: S311 - no secret is drawn from it
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", NOISE_SIDE, NOISE_SIDE, 8, 2, 0, 0, 0)))
        for first in range(0, NOISE_SIDE, BLOCK_ROWS):
            rows = b"".join(
                b"\0" + chance.randbytes(NOISE_SIDE * 3) for _ in range(min(BLOCK_ROWS, NOISE_SIDE - first))
            )
            if compressed := packer.compress(rows):
                file.write(_chunk(b"IDAT", compressed))
        file.write(_chunk(b"IDAT", packer.flush()))
        file.write(_chunk(b"IEND", b""))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
