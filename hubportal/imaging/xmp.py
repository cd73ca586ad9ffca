"""Taking the place out of XMP packets (ISO 16684-1) and IPTC data, without changing their length."""

import re
from typing import Final

# Local names of what says where: exif:GPSLatitude, drone-dji:GpsLatitude, photoshop:City, Iptc4xmpCore:Location,
# Iptc4xmpExt:LocationCreated and what stands inside it, and what others call latitude and longitude.
_PLACE: Final = (
    rb"(?!xmlns:)[A-Za-z][\w.-]*:"
    rb"(?i:gps\w*|location\w*|latitude|longitude|lat|lon|long|city|state|provincestate|country\w*|sublocation|worldregion)"
)
_ATTRIBUTE: Final = re.compile(rb"\s" + _PLACE + rb"""\s*=\s*(?:"[^"]*"|'[^']*')""")
_ELEMENT: Final = re.compile(rb"<(" + _PLACE + rb")(\s[^<>]*)?>")
# Above this a packet that tells a place goes whole.
_MAX_PACKET: Final = 2**20  # bytes
_LARGE_PLACE: Final = re.compile(_PLACE)

# IPTC-IIM 4.2, record 2: content location, city, sublocation, state, country.
_IPTC_PLACES: Final = frozenset({26, 27, 90, 92, 95, 100, 101})


def tells_place(packet: bytes) -> bool:
    """Whether a packet names a place, in UTF-8 or, with its zeros left out, in UTF-16."""
    return bool(_LARGE_PLACE.search(packet.replace(b"\0", b"")))


def clear_xmp(packet: bytearray) -> bool:
    """Overwrite what tells a place with spaces: attributes, and elements with all inside them.

    A packet that is not read so (another encoding, an element without its end) goes whole. False where it told none.
    """
    if not tells_place(bytes(packet)):
        return False
    if len(packet) > _MAX_PACKET or b"\0" in packet or not _clear_elements(packet):
        packet[:] = b" " * len(packet)
        return True
    for found in _ATTRIBUTE.finditer(bytes(packet)):
        packet[found.start() : found.end()] = b" " * (found.end() - found.start())
    if tells_place(bytes(packet)):
        packet[:] = b" " * len(packet)
    return True


def _clear_elements(packet: bytearray) -> bool:
    """False where an element has no end."""
    at = 0
    while found := _ELEMENT.search(packet, at):
        end = found.end()
        if not (found[2] or b"").endswith(b"/"):
            close = b"</" + found[1] + b">"
            if (at_close := packet.find(close, end)) < 0:
                return False
            end = at_close + len(close)
        packet[found.start() : end] = b" " * (end - found.start())
        at = end
    return True


def clear_iptc(content: bytearray) -> bool:
    """Overwrite the places in a JPEG's Photoshop segment with spaces. False where there was none."""
    changed, at = False, 0
    while (at := content.find(b"8BIM\x04\x04", at)) >= 0:
        name = content[at + 6] if at + 6 < len(content) else 0
        # A name of odd length is padded together with its length byte (Photoshop file formats, image resources).
        start = at + 6 + (1 + name + 1) // 2 * 2
        size = int.from_bytes(content[start : start + 4])
        changed |= _clear_records(content, start + 4, min(start + 4 + size, len(content)))
        at = start
    return changed


def _clear_records(content: bytearray, at: int, end: int) -> bool:
    changed = False
    while at + 5 <= end and content[at] == 0x1C:
        record, number, length = content[at + 1], content[at + 2], int.from_bytes(content[at + 3 : at + 5])
        start, stop = at + 5, min(at + 5 + length, end)
        if record == 2 and number in _IPTC_PLACES and bytes(content[start:stop]).strip():
            content[start:stop] = b" " * (stop - start)
            changed = True
        at = start + length
    return changed
