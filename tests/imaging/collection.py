"""Kinds of picture files, good, odd and broken: what the examination is tested over, and shown to a browser."""

import functools
import struct
import zlib
from collections.abc import Iterator

from PIL import ExifTags
from PIL import Image as Pillow

from tests.imaging.parts import (
    SIGNATURE,
    XMP_NAMESPACE,
    chunk,
    exif,
    extended_webp,
    ihdr,
    large_profile,
    profile_segments,
    raw_png,
    riff,
    riff_chunk,
    saved,
    scene,
    segment,
    srgb,
    text_chunk,
    with_chunks,
    with_segments,
    without_chunk,
    xmp,
    xmp_chunk,
)

SIZE = (64, 48)


@functools.cache
def collection() -> dict[str, bytes]:
    """Each kind by its name, which begins with its format."""
    kinds: dict[str, bytes] = {}
    for part in (_png_pixels, _png_chunks, _png_ends, _jpegs, _jpeg_segments, _jpeg_ends, _webps, _others):
        kinds.update(part())
    return kinds


def _palette_png() -> bytes:
    return saved(scene().convert("P"), "PNG")


def _png_pixels() -> Iterator[tuple[str, bytes]]:
    palette = chunk(b"PLTE", bytes(range(12)) * 4)
    for colour, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 4: (8, 16), 6: (8, 16)}.items():
        for bits in depths:
            yield f"png colour type {colour} of {bits} bits", raw_png(bits, colour)
    for bits in (1, 2, 4):
        yield f"png palette of {bits} bits", raw_png(bits, 3, palette)
    yield "png palette", _palette_png()
    yield "png palette of too few colours", raw_png(8, 3, chunk(b"PLTE", bytes(6)))
    yield "png palette of too many colours", raw_png(2, 3, chunk(b"PLTE", bytes(48)))
    yield "png palette of no whole colours", raw_png(8, 3, chunk(b"PLTE", bytes(100)))
    yield "png palette missing", without_chunk(_palette_png(), b"PLTE")
    yield "png palette behind the data", raw_png(8, 3, after=palette)
    yield "png palette beside true colour", raw_png(8, 2, palette)
    yield "png palette beside grey", raw_png(8, 0, palette)
    yield "png transparency of a palette", raw_png(2, 3, palette + chunk(b"tRNS", b"\0\x80"))
    yield "png transparency of more than the palette", raw_png(8, 3, palette + chunk(b"tRNS", bytes(200)))
    yield "png transparency of grey", raw_png(8, 0, chunk(b"tRNS", b"\0\x1b"))
    yield "png transparency beside alpha", raw_png(8, 6, chunk(b"tRNS", bytes(6)))
    yield "png interlaced", _interlaced()
    yield "png of one pixel", raw_png(8, 2, size=(1, 1))
    yield "png very wide", raw_png(8, 0, size=(5000, 1))
    yield "png animated", saved(scene(), "PNG", save_all=True, append_images=[scene()], duration=80)
    yield (
        "png animation of one frame",
        with_chunks(
            raw_png(8, 2),
            chunk(b"acTL", struct.pack(">II", 1, 0)),
            chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, *SIZE, 0, 0, 1, 10, 0, 0)),
        ),
    )
    yield "png animation of no frames", with_chunks(raw_png(8, 2), chunk(b"acTL", struct.pack(">II", 0, 0)))


def _interlaced() -> bytes:
    """One pixel wide passes are left to a picture of 1 x 1: all of it is in the first pass."""
    return SIGNATURE + ihdr(1, 1, 8, 2, 1) + chunk(b"IDAT", zlib.compress(b"\0abc")) + chunk(b"IEND", b"")


def _png_chunks() -> Iterator[tuple[str, bytes]]:
    plain = saved(scene(), "PNG")
    for orientation in range(1, 9):
        yield f"png orientation {orientation}", with_chunks(plain, chunk(b"eXIf", exif(orientation)))
    yield "png orientation behind the data", plain[:-12] + chunk(b"eXIf", exif(6)) + plain[-12:]
    yield "png exif that is none", with_chunks(plain, chunk(b"eXIf", b"nothing of the kind"))
    yield "png profile", saved(scene(), "PNG", icc_profile=srgb())
    yield "png profile of megabytes", saved(scene(), "PNG", icc_profile=large_profile())
    yield "png profile that is none", with_chunks(plain, chunk(b"iCCP", b"x\0\0" + zlib.compress(b"no profile" * 30)))
    yield "png profile not packed", with_chunks(plain, chunk(b"iCCP", b"x\0\0" + b"not zlib at all"))
    yield "png profile and srgb", with_chunks(saved(scene(), "PNG", icc_profile=srgb()), chunk(b"sRGB", b"\0"))
    yield "png text", with_chunks(plain, text_chunk(b"Comment", b"A boat"))
    yield "png text of megabytes", with_chunks(plain, text_chunk(b"parameters", b"a boat, " * 400_000))
    yield "png text that unfolds to megabytes", with_chunks(plain, text_chunk(b"c", bytes(5_000_000), packed=True))
    yield (
        "png many texts that unfold to megabytes",
        with_chunks(plain, *[text_chunk(b"c", b" " * 900_000, packed=True)] * 90),
    )
    yield "png text not packed as it says", with_chunks(plain, chunk(b"zTXt", b"Comment\0\0not zlib at all"))
    yield "png text without a keyword", with_chunks(plain, chunk(b"tEXt", b"no end of the keyword"))
    yield "png international text", with_chunks(plain, xmp_chunk(xmp()))
    yield "png international text packed", with_chunks(plain, xmp_chunk(xmp() * 2000, packed=True))
    yield "png international text cut short", with_chunks(plain, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1"))
    yield "png resolution", with_chunks(plain, chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1)))
    yield "png resolution cut short", with_chunks(plain, chunk(b"pHYs", b"\0\0"))
    yield "png gamma", with_chunks(plain, chunk(b"gAMA", struct.pack(">I", 45455)))
    yield "png gamma of zero", with_chunks(plain, chunk(b"gAMA", bytes(4)))
    yield "png chromaticities", with_chunks(plain, chunk(b"cHRM", struct.pack(">8I", *range(30_000, 38_000, 1000))))
    yield "png chromaticities of zero", with_chunks(plain, chunk(b"cHRM", bytes(32)))
    yield "png coding points", with_chunks(plain, chunk(b"cICP", bytes((9, 16, 0, 1))))
    yield "png mastering display", with_chunks(plain, chunk(b"mDCV", bytes(24)), chunk(b"cLLI", bytes(8)))
    yield "png time", with_chunks(plain, chunk(b"tIME", struct.pack(">HBBBBB", 2026, 11, 29, 12, 0, 60)))
    yield "png provenance", with_chunks(plain, chunk(b"caBX", bytes(300_000)))
    yield "png unknown chunk", with_chunks(plain, chunk(b"zzZz", b"whatever"))
    yield "png unknown critical chunk", with_chunks(plain, chunk(b"ZZZZ", b"whatever"))
    yield "png significant bits", with_chunks(plain, chunk(b"sBIT", b"\5\6\5"))
    yield "png significant bits of zero", with_chunks(plain, chunk(b"sBIT", bytes(3)))
    yield "png background", with_chunks(plain, chunk(b"bKGD", bytes(6)))
    yield "png wrong checksum of a text", with_chunks(plain, text_chunk(b"a", b"b")[:-1] + b"?")
    yield "png header with a wrong checksum", plain[:29] + b"????" + plain[33:]
    yield "png many small parts of data", _in_small_parts(plain)
    yield "png empty part of data", with_chunks(plain, chunk(b"IDAT", b""))
    yield "png header twice", with_chunks(plain, plain[8:33])
    yield "png made for a telephone", SIGNATURE + chunk(b"CgBI", b"\x50\0\x20\2") + plain[8:]


def _data(png: bytes) -> tuple[int, bytes]:
    start = png.index(b"IDAT")
    return start - 4, png[start + 4 : start + 4 + int.from_bytes(png[start - 4 : start])]


def _in_small_parts(png: bytes) -> bytes:
    start, data = _data(png)
    parts = b"".join(chunk(b"IDAT", data[at : at + 100]) for at in range(0, len(data), 100))
    return png[:start] + parts + png[start + 12 + len(data) :]


def _png_ends() -> Iterator[tuple[str, bytes]]:
    plain = saved(scene(), "PNG")
    start, data = _data(plain)
    yield "png without its end", plain[:-12]
    yield "png end cut", plain[:-4]
    yield "png end with a wrong checksum", plain[:-1] + b"?"
    yield "png bytes behind the end", plain + b"\0" * 5000
    yield "png picture behind the end", plain + plain
    yield "png half", plain[: len(plain) // 2]
    yield "png header alone", plain[:33]
    yield "png half a header", plain[:25]
    yield "png signature alone", plain[:8]
    yield "png without data", without_chunk(plain, b"IDAT")
    yield (
        "png data of too few lines",
        plain[:start] + chunk(b"IDAT", zlib.compress(zlib.decompress(data)[:4000])) + plain[-12:],
    )
    yield (
        "png data of too many lines",
        plain[:start] + chunk(b"IDAT", zlib.compress(zlib.decompress(data) * 2)) + plain[-12:],
    )
    yield "png data with a wrong sum", plain[:start] + chunk(b"IDAT", data[:-1] + b"?") + plain[-12:]
    yield "png data with a wrong checksum", plain[: start + 8 + len(data)] + b"????" + plain[-12:]
    yield "png data that is none", plain[:start] + chunk(b"IDAT", b"nothing packed here") + plain[-12:]
    yield "png data with bytes behind", plain[:start] + chunk(b"IDAT", data + bytes(50)) + plain[-12:]
    yield "png of no width", SIGNATURE + ihdr(0, 48, 8, 2) + plain[33:]
    yield "png of an unknown depth", SIGNATURE + ihdr(64, 48, 3, 2) + plain[33:]


def _jpegs() -> Iterator[tuple[str, bytes]]:
    yield "jpeg baseline", saved(scene(), "JPEG")
    yield "jpeg progressive", saved(scene(), "JPEG", progressive=True)
    yield "jpeg grey", saved(scene().convert("L"), "JPEG")
    yield "jpeg for print", saved(scene().convert("CMYK"), "JPEG")
    yield "jpeg for print, progressive", saved(scene().convert("CMYK"), "JPEG", progressive=True)
    for sampling in (0, 1, 2):
        yield f"jpeg subsampling {sampling}", saved(scene(), "JPEG", subsampling=sampling)
    yield "jpeg restart markers", saved(scene(), "JPEG", restart_marker_blocks=1)
    yield "jpeg kept as red, green, blue", saved(scene(), "JPEG", keep_rgb=True)
    yield "jpeg of the lowest quality", saved(scene(), "JPEG", quality=1)
    yield "jpeg of one pixel", saved(scene((1, 1)), "JPEG")
    yield "jpeg with a second picture", saved(scene(), "MPO", save_all=True, append_images=[scene((32, 24))])


def _jpeg_segments() -> Iterator[tuple[str, bytes]]:
    plain = saved(scene(), "JPEG")
    for orientation in (0, *range(1, 10)):
        order = "<>"[orientation % 2]
        yield (
            f"jpeg orientation {orientation}",
            with_segments(plain, segment(0xE1, b"Exif\0\0" + exif(orientation, order=order))),
        )
    yield (
        "jpeg orientation behind others",
        with_segments(
            plain, segment(0xFE, b"comment"), segment(0xE1, XMP_NAMESPACE + xmp()), segment(0xE1, b"Exif\0\0" + exif(8))
        ),
    )
    yield (
        "jpeg two orientations",
        with_segments(plain, segment(0xE1, b"Exif\0\0" + exif(6)), segment(0xE1, b"Exif\0\0" + exif(1))),
    )
    yield "jpeg exif that is none", with_segments(plain, segment(0xE1, b"Exif\0\0nothing of the kind"))
    yield "jpeg exif cut short", with_segments(plain, segment(0xE1, b"Exif\0\0" + exif(6)[:15]))
    yield "jpeg resolution in exif", with_segments(plain, segment(0xE1, b"Exif\0\0" + exif(1, resolution=300)))
    for resolution, sides in ((144, (32, 24)), (36, (128, 96))):
        yield (
            f"jpeg of {resolution} dots an inch and sides that fit",
            saved(scene(), "JPEG", exif=_dense(resolution, sides)),
        )
    yield "jpeg profile", saved(scene(), "JPEG", icc_profile=srgb())
    yield "jpeg profile of megabytes", with_segments(plain, profile_segments(large_profile()))
    yield "jpeg profile with a part missing", with_segments(plain, profile_segments(large_profile(100_000), [(2, 2)]))
    yield "jpeg profile that is none", with_segments(plain, profile_segments(b"no profile" * 30))
    yield "jpeg profile of grey in colours", with_segments(plain, profile_segments(_grey_profile()))
    yield "jpeg comment", with_segments(plain, segment(0xFE, b"\xff\xd9 is no end here"))
    yield "jpeg many comments", with_segments(plain, *[segment(0xFE, bytes(65_000))] * 40)
    yield "jpeg without JFIF", plain[:2] + plain[20:]
    yield "jpeg JFIF cut short", plain[:2] + segment(0xE0, b"JFIF\0\1") + plain[20:]
    yield "jpeg Adobe marker cut short", with_segments(plain, segment(0xEE, b"Adobe"))
    yield "jpeg Photoshop data", with_segments(plain, segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0"))
    yield "jpeg provenance", with_segments(plain, segment(0xEB, b"JP\0\1" + bytes(60_000)))
    yield "jpeg fill bytes before a marker", plain[:2] + b"\xff" * 7 + plain[2:]
    yield "jpeg zeros between segments", plain[:20] + bytes(3) + plain[20:]


def _dense(resolution: int, sides: tuple[int, int]) -> Pillow.Exif:
    exif = Pillow.Exif()
    exif[ExifTags.Base.XResolution] = exif[ExifTags.Base.YResolution] = float(resolution)
    exif[ExifTags.Base.ResolutionUnit] = 2
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.ExifImageWidth], details[ExifTags.Base.ExifImageHeight] = sides
    return exif


def _grey_profile() -> bytes:
    return srgb()[:16] + b"GRAY" + srgb()[20:]


def _jpeg_ends() -> Iterator[tuple[str, bytes]]:
    plain, progressive = saved(scene(), "JPEG"), saved(scene(), "JPEG", progressive=True)
    yield "jpeg without its end", plain[:-2]
    yield "jpeg half an end", plain[:-1]
    yield "jpeg bytes behind the end", plain + b"\0" * 5000
    yield "jpeg half", plain[: len(plain) * 2 // 3]
    yield "jpeg half with an end", plain[: len(plain) * 2 // 3] + b"\xff\xd9"
    yield "jpeg progressive without its last scans", progressive[: len(progressive) * 2 // 3]
    yield "jpeg without its scan", plain[: plain.index(b"\xff\xda")]
    yield "jpeg start alone", plain[:2]
    yield "jpeg cut in a segment", plain[:40]
    yield "jpeg without Huffman tables", _without_segments(plain, 0xC4)
    yield "jpeg without quantization tables", _without_segments(plain, 0xDB)
    yield "jpeg of twelve bits", _frame_changed(plain, 0, 12)
    yield "jpeg of no height", _frame_changed(_frame_changed(plain, 1, 0), 2, 0)
    yield "jpeg lossless", plain.replace(b"\xff\xc0", b"\xff\xc3", 1)
    yield "jpeg arithmetic", plain.replace(b"\xff\xc0", b"\xff\xc9", 1)


def _without_segments(jpeg: bytes, marker: int) -> bytes:
    while (start := jpeg.find(bytes((0xFF, marker)))) >= 0:
        jpeg = jpeg[:start] + jpeg[start + 2 + int.from_bytes(jpeg[start + 2 : start + 4]) :]
    return jpeg


def _frame_changed(jpeg: bytes, at: int, value: int) -> bytes:
    start = jpeg.index(b"\xff\xc0") + 4 + at
    return jpeg[:start] + bytes([value]) + jpeg[start + 1 :]


def _webps() -> Iterator[tuple[str, bytes]]:
    lossy, lossless = saved(scene(), "WEBP"), saved(scene(), "WEBP", lossless=True)
    yield "webp lossy", lossy
    yield "webp lossless", lossless
    yield "webp with alpha", saved(_see_through(), "WEBP")
    yield "webp lossless with alpha", saved(_see_through(), "WEBP", lossless=True)
    yield "webp extended", extended_webp(lossy, SIZE)
    for orientation in (1, 3, 6, 8):
        yield (
            f"webp orientation {orientation}",
            extended_webp(lossy, SIZE, riff_chunk(b"EXIF", exif(orientation)), flags=8),
        )
    yield "webp exif with a prefix", extended_webp(lossy, SIZE, riff_chunk(b"EXIF", b"Exif\0\0" + exif(6)), flags=8)
    yield "webp exif without its flag", extended_webp(lossy, SIZE, riff_chunk(b"EXIF", exif(6)))
    yield "webp profile", saved(scene(), "WEBP", icc_profile=srgb())
    yield "webp profile of megabytes", saved(scene(), "WEBP", icc_profile=large_profile())
    yield "webp xmp", extended_webp(lossy, SIZE, riff_chunk(b"XMP ", xmp()), flags=4)
    yield "webp unknown chunk", extended_webp(lossy, SIZE, riff_chunk(b"zzzz", b"whatever"))
    yield "webp animated", saved(scene(), "WEBP", save_all=True, append_images=[scene()], duration=80)
    yield "webp of other sides than it says", extended_webp(lossy, (65, 49))
    yield "webp bytes behind the end", lossy + bytes(5000)
    yield "webp half", lossy[: len(lossy) * 2 // 3]
    yield "webp lossless half", lossless[: len(lossless) * 2 // 3]
    yield "webp header alone", lossy[:30]
    yield "webp half a header", lossy[:20]
    yield "webp size of zero", lossy[:4] + bytes(4) + lossy[8:]
    yield "webp size too large", lossy[:4] + struct.pack("<I", len(lossy)) + lossy[8:]
    yield "webp without a picture", riff(riff_chunk(b"zzzz", bytes(30)))


def _see_through() -> Pillow.Image:
    picture = scene(mode="RGBA")
    picture.putalpha(scene(mode="L"))
    return picture


def _others() -> Iterator[tuple[str, bytes]]:
    yield "gif", saved(scene(), "GIF")
    yield "bmp", saved(scene(), "BMP")
    yield "svg", b"<svg xmlns='http://www.w3.org/2000/svg' width='64' height='48'/>"
    yield "avif", saved(scene(), "AVIF")
    yield "tiff", saved(scene(), "TIFF")
    yield "nothing", b""
    yield "html", b"<!doctype html><p>404"
    yield "pdf", b"%PDF-1.7"
    yield "png with a byte before it", b" " + saved(scene(), "PNG")
    yield "jpeg with a line before it", b"\n" + saved(scene(), "JPEG")
