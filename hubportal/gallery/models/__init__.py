"""What people put on pictures to find them again, what they chose in the gallery, and what is done to it.

Of what people put on pictures these rows are the truth; the pictures' labels follow them.
"""

from hubportal.gallery.models.bulk_change import BulkChange, BulkChangeItem
from hubportal.gallery.models.collection import Collection, CollectionImage
from hubportal.gallery.models.conversion import Conversion, ConversionState
from hubportal.gallery.models.favourite import Favourite
from hubportal.gallery.models.saved_filter import SavedFilter
from hubportal.gallery.models.selection import Selection
from hubportal.gallery.models.states import BulkState
from hubportal.gallery.models.tag import ImageTag, Tag, TagColour

__all__ = [
    "BulkChange",
    "BulkChangeItem",
    "BulkState",
    "Collection",
    "CollectionImage",
    "Conversion",
    "ConversionState",
    "Favourite",
    "ImageTag",
    "SavedFilter",
    "Selection",
    "Tag",
    "TagColour",
]
