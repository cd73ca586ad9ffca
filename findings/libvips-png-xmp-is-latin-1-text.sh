#!/bin/sh
# libvips: XMP that it writes into a PNG is no iTXt chunk, but compressed Latin-1 text (zTXt). Other programs that look for
# the chunk that the XMP specification names find none; Pillow finds text, and each letter beyond ASCII as two wrong ones.
#
# XMP is UTF-8 (ISO 16684-1), and its part 3 puts it into an iTXt chunk "XML:com.adobe.xmp"; PNG says that zTXt is Latin-1.
# JPEG, WebP and AVIF written from the same field are read back as they were. No error, no warning.
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
import struct
import sys

import PIL
import pyvips
from PIL import Image

TITLE = "Harbour in Zürich, 港"
PACKET = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>'
    f'<rdf:li xml:lang="x-default">{TITLE}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>'
).encode()


def chunks(png):
    at, found = 8, []
    while at < len(png):
        (length,), kind = struct.unpack(">I", png[at : at + 4]), png[at + 4 : at + 8].decode()
        found.append((kind, png[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def xmp_by_pillow(content):
    """What Pillow has under "xmp", the place of what it takes for XMP, and all texts of a PNG."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        return picture.info.get("xmp"), getattr(picture, "text", {})


print("libvips", ".".join(str(pyvips.version(part)) for part in range(3)), "read by Pillow", PIL.__version__)
image = pyvips.Image.black(8, 8, bands=3).copy(interpretation="srgb")
image.set_type(pyvips.GValue.blob_type, "xmp-data", PACKET)
saved = {name: image.write_to_buffer(f".{name}", keep="xmp") for name in ("jpg", "webp", "avif", "png")}

whole = {}
for name, content in saved.items():
    xmp, texts = xmp_by_pillow(content)
    whole[name] = TITLE.encode() in (xmp or b"")
    print(f"{name}: Pillow's info['xmp'] has the title as it was:", whole[name], "texts:", list(texts))

png = saved["png"]
kinds = [kind for kind, content in chunks(png) if content.startswith(b"XML:com.adobe.xmp\0")]
print("The PNG's chunks with the name of XMP are of kind", kinds)
text = next(iter(xmp_by_pillow(png)[1].values()), "")
start = text.find("Harbour")
print("Pillow's text of it says", repr(text[start : start + len(TITLE) + 6]), "where", repr(TITLE), "was written")
again = pyvips.Image.new_from_buffer(png, "")
round_trip = again.get("xmp-data") == PACKET if again.get_typeof("xmp-data") else False
print("libvips reads its own back as it was:", round_trip)

as_it_was = [name for name in saved if whole[name]]
is_so = as_it_was == ["jpg", "webp", "avif"] and kinds == ["zTXt"] and TITLE not in text
print("So XMP in a PNG is Latin-1 text that others don't read." if is_so else "It behaves differently now.")
sys.exit(0 if is_so else 1)
PYTHON
