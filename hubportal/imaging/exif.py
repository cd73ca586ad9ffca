"""Exif blocks, which are small TIFF files (CIPA DC-008): their orientation, and taking the place out of them.

Everything is changed where it stands: a block keeps its length and all its offsets, which makers' own notes rely on.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

EXIF_PREFIX: Final = b"Exif\0\0"
_ORIENTATION, _XMP, _IPTC, _EXIF_IFD, _GPS_IFD = 0x0112, 0x02BC, 0x83BB, 0x8769, 0x8825
_SHORT: Final = 3
_TYPE_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
# A chain of directories that is longer goes round in a circle.
_MAX_DIRECTORIES: Final = 16


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a directory: where it stands, and where its value does."""

    at: int
    tag: int
    kind: int
    value_at: int
    size: int


class _Tiff:
    """A TIFF structure in a buffer that may be changed."""

    def __init__(self, block: bytearray) -> None:
        self.block = block
        self.order = {b"II*\0": "<", b"MM\0*": ">"}.get(bytes(block[:4]), "")

    def number(self, at: int, size: int) -> int:
        """The number at an offset; 0 beyond the end."""
        content = bytes(self.block[at : at + size])
        return int.from_bytes(content, "little" if self.order == "<" else "big") if len(content) == size else 0

    def entries(self, directory: int) -> Iterator[_Entry]:
        for place in range(self._length(directory)):
            at = directory + 2 + 12 * place
            kind = self.number(at + 2, 2)
            size = _TYPE_SIZES.get(kind, 0) * self.number(at + 4, 4)
            yield _Entry(at, self.number(at, 2), kind, at + 8 if size <= 4 else self.number(at + 8, 4), size)

    def _length(self, directory: int) -> int:
        """How many entries a directory has: as many as it says, if the block has so many."""
        fitting = max(len(self.block) - directory - 2, 0) // 12
        return min(self.number(directory, 2), fitting)

    def next_directory(self, directory: int) -> int:
        return self.number(directory + 2 + 12 * self.number(directory, 2), 4)

    def remove(self, directory: int, tags: frozenset[int]) -> None:
        """Close the gap that these entries leave; their directory ends so much earlier."""
        start = directory + 2
        end = start + 12 * self._length(directory)
        kept = [bytes(self.block[one.at : one.at + 12]) for one in self.entries(directory) if one.tag not in tags]
        following = bytes(self.block[end : end + 4])
        room = end + len(following) - start
        self.block[start : start + room] = (b"".join(kept) + following).ljust(room, b"\0")
        self.block[directory:start] = struct.pack(f"{self.order}H", len(kept))

    def clear(self, start: int, length: int) -> None:
        end = min(start + length, len(self.block))
        if start < end:
            self.block[start:end] = bytes(end - start)


def read_orientation(block: bytes) -> int:
    """The orientation of the picture, 1 to 8; 0 where the block tells none."""
    tiff = _Tiff(bytearray(block))
    if not tiff.order:
        return 0
    for entry in tiff.entries(tiff.number(4, 4)):
        if entry.tag == _ORIENTATION and entry.kind == _SHORT:
            orientation = tiff.number(entry.value_at, 2)
            return orientation if 1 <= orientation <= 8 else 0
    return 0


def clear_location(block: bytearray, clear_xmp: Callable[[bytearray], bool]) -> bool:
    """Take the GPS directory out of the block, and the place out of XMP inside it. False where there was none.

    IPTC data inside an Exif block goes whole: scanners put it there.
    """
    tiff = _Tiff(block)
    if not tiff.order:
        return False
    changed, to_visit, seen = False, [tiff.number(4, 4)], set[int]()
    while to_visit and len(seen) < _MAX_DIRECTORIES:
        directory = to_visit.pop()
        if directory in seen or not directory:
            continue
        seen.add(directory)
        found = set[int]()
        for entry in tiff.entries(directory):
            if entry.tag == _EXIF_IFD:
                to_visit.append(tiff.number(entry.at + 8, 4))
            elif entry.tag == _GPS_IFD:
                _clear_directory(tiff, tiff.number(entry.at + 8, 4))
                found.add(entry.tag)
            elif entry.tag == _IPTC:
                tiff.clear(entry.value_at, entry.size)
                found.add(entry.tag)
            elif entry.tag == _XMP:
                changed |= _change_within(block, entry, clear_xmp)
        to_visit.append(tiff.next_directory(directory))
        if found:
            tiff.remove(directory, frozenset(found))
            changed = True
    return changed


def _clear_directory(tiff: _Tiff, directory: int) -> None:
    for entry in list(tiff.entries(directory)):
        tiff.clear(entry.value_at, entry.size)
    tiff.clear(directory, 2 + 12 * tiff.number(directory, 2) + 4)


def _change_within(block: bytearray, entry: _Entry, change: Callable[[bytearray], bool]) -> bool:
    part = block[entry.value_at : entry.value_at + entry.size]
    if not change(part):
        return False
    block[entry.value_at : entry.value_at + len(part)] = part
    return True
