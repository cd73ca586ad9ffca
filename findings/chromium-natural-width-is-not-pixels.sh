#!/bin/sh
# Chromium: naturalWidth and naturalHeight of a JPEG are not its pixels where Exif tells a resolution and sides that fit it.
#
# A JPEG of 64 x 48 pixels whose Exif says 144 dots an inch and PixelXDimension 32, PixelYDimension 24 has a naturalWidth of
# 32 and a naturalHeight of 24 (72 dots an inch are taken for one CSS pixel). createImageBitmap gives the pixels. So what a
# page measures by naturalWidth before an upload, or to check a server's sides, is not what a decoder finds.
#
# Needs a Chromium: CHROMIUM names it, /usr/bin/chromium otherwise.
# Exits 0 while it is so, 1 once it behaves differently, 2 where it couldn't be tried.
set -eu

chromium=${CHROMIUM:-/usr/bin/chromium}
[ -x "$chromium" ] || { echo "There is no Chromium at $chromium."; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
{ python3 -m venv "$folder/venv" &&
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2 pillow==13.0.0; } || exit 2

"$folder/venv/bin/python" - "$chromium" <<'PYTHON'
import base64
import io
import sys

from PIL import Image
from playwright.sync_api import sync_playwright

MEASURE = """async (content) => {
  const image = new Image();
  image.src = "data:image/jpeg;base64," + content;
  await image.decode();
  const bitmap = await createImageBitmap(await (await fetch(image.src)).blob());
  return [image.naturalWidth, image.naturalHeight, bitmap.width, bitmap.height];
}"""


def photo(resolution, sides):
    """A JPEG of 64 x 48 pixels; Exif tells a resolution in dots an inch, and sides."""
    exif = Image.Exif()
    exif[0x011A] = exif[0x011B] = float(resolution)
    exif[0x0128] = 2
    details = exif.get_ifd(0x8769)
    details[0xA002], details[0xA003] = sides
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return base64.b64encode(out.getvalue()).decode()


found = []
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox", "--disable-gpu"])
    print("Chromium", browser.version)
    page = browser.new_page()
    for resolution, sides in ((72, (64, 48)), (144, (32, 24)), (36, (128, 96)), (144, (64, 48))):
        measured = page.evaluate(MEASURE, photo(resolution, sides))
        print(
            f"64 x 48 pixels, Exif says {resolution} dots an inch and {sides[0]} x {sides[1]}:",
            f"naturalWidth x naturalHeight is {measured[0]} x {measured[1]}, the bitmap has {measured[2]} x {measured[3]}",
        )
        found.append(tuple(measured))
    browser.close()

still = found == [(64, 48, 64, 48), (32, 24, 64, 48), (128, 96, 64, 48), (64, 48, 64, 48)]
print("So naturalWidth follows Exif." if still else "It behaves differently now.")
sys.exit(0 if still else 1)
PYTHON
