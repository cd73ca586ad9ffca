"""Every index of the site, by the model whose rows it finds."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import Model

_INDEXES: "dict[type[Model], Any]" = {}


def register[I: Any](index: I) -> I:
    """Make this the index of its model, and give it back."""
    _INDEXES[index.model] = index
    return index


def index_of(model: "type[Model]") -> Any:
    """The SearchIndex of this model's rows."""
    return _INDEXES[model]


def all_indexes() -> list[Any]:
    """Every SearchIndex, in the order of declaration."""
    return list(_INDEXES.values())
