"""Image files: their type and sides told by their content, thumbnails, and taking the place out of a photo.

Knows no room, no model and no storage. The examination reads the structure of a file, while a person waits; decoding
happens in the worker. What a browser shows is a picture here as well: tests/imaging compares the two.
"""

from hubportal.imaging.conversion import CONVERSIONS, PictureFacts, convert
from hubportal.imaging.examination import FORMATS, ImageInfo, InvalidImage, check_complete, read_image_info
from hubportal.imaging.location import remove_location
from hubportal.imaging.palette import COLOURS, colour_names, read_palette
from hubportal.imaging.thumbnails import (
    MAX_PIXELS,
    SMALL_THUMBNAIL_SIDE,
    THUMBNAIL_SIDE,
    make_small_thumbnail,
    make_thumbnail,
)

__all__ = [
    "COLOURS",
    "CONVERSIONS",
    "FORMATS",
    "MAX_PIXELS",
    "SMALL_THUMBNAIL_SIDE",
    "THUMBNAIL_SIDE",
    "ImageInfo",
    "InvalidImage",
    "PictureFacts",
    "check_complete",
    "colour_names",
    "convert",
    "make_small_thumbnail",
    "make_thumbnail",
    "read_image_info",
    "read_palette",
    "remove_location",
]
