"""What people chose in the gallery, and what is done to it."""

from hubportal.gallery.models.bulk_change import BulkChange, BulkChangeItem
from hubportal.gallery.models.conversion import Conversion, ConversionState
from hubportal.gallery.models.selection import Selection
from hubportal.gallery.models.states import BulkState

__all__ = ["BulkChange", "BulkChangeItem", "BulkState", "Conversion", "ConversionState", "Selection"]
