"""A key to the hub, and the hub's model list as last read."""

from hubportal.keys.models.catalogue import Catalogue
from hubportal.keys.models.key import MOST_AT_ONCE, Key
from hubportal.keys.models.queries import DEAD_CODES

__all__ = ["DEAD_CODES", "MOST_AT_ONCE", "Catalogue", "Key"]
