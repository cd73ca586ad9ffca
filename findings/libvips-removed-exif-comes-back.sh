#!/bin/sh
# libvips: whoever removes "exif-data" from an image, so that the place of a photo isn't saved with it, saves the place.
#
# On loading, libvips copies every Exif entry into a field of its own (exif-ifd3-GPSLatitude). On saving it builds the Exif
# block from those fields, also where the block itself was removed. No error, no warning. Only removing each field, or
# `keep=` without Exif, leaves the place out.
#
# Exits 0 while it is so, 1 once it behaves differently, 2 where it couldn't be tried.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{ python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
        pyvips==3.2.0 pyvips-binary==8.18.7 pillow==13.0.0; } || exit 2

"$folder/venv/bin/python" - <<'PYTHON'
import io
import sys

import pyvips
from PIL import Image

GPS_IFD = 0x8825


def photo():
    """A small JPEG taken at 45° 27' 51" N, 9° 11' 24" E, with the name of its camera."""
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    exif[GPS_IFD] = {1: "N", 2: (45.0, 27.0, 51.0), 3: "E", 4: (9.0, 11.0, 24.0)}
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def place(content):
    with Image.open(io.BytesIO(content)) as picture:
        return dict(picture.getexif().get_ifd(GPS_IFD))


print("libvips", ".".join(str(pyvips.version(part)) for part in range(3)), "with pyvips", pyvips.__version__)
before = photo()
print("The photo's place:                          ", place(before))

image = pyvips.Image.new_from_buffer(before, "").copy()
removed = image.remove("exif-data")
left = image.get_typeof("exif-data")
print('remove("exif-data") returns', removed, "and get_typeof() says", left, "(0: there is none)")

saved = {name: getattr(image, f"{name}save_buffer")() for name in ("jpeg", "png", "webp")}
for name, content in saved.items():
    print(f"The place in the {name} saved after that:".ljust(45), place(content))
print("… and in a jpeg saved with keep=\"icc\":".ljust(45), place(image.jpegsave_buffer(keep="icc")))

for field in [field for field in image.get_fields() if field.startswith("exif-ifd")]:
    image.remove(field)
print("… and after removing each exif-ifd… field:".ljust(45), place(image.jpegsave_buffer()))

comes_back = removed and left == 0 and all(place(content) for content in saved.values())
print("So the removed block comes back, place and all." if comes_back else "The removed block does not come back any more.")
sys.exit(0 if comes_back else 1)
PYTHON
