"""A key to the hub, and the hub's model list as last read."""

from hubportal.keys.models.key import MAX_AT_ONCE, Key
from hubportal.keys.models.model_list import CachedModelList
from hubportal.keys.models.queries import DEAD_CODES

__all__ = ["DEAD_CODES", "MAX_AT_ONCE", "CachedModelList", "Key"]
