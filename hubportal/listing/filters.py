"""The filters of a list page. All of them are in its address, so that what was found can be linked to."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Protocol
from urllib.parse import urlencode

from django import forms
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.date_range import DayField
from hubportal.listing.fragments import fragment_key, reader_key
from hubportal.listing.pagination import page_of
from hubportal.listing.search.rows import Rows
from hubportal.listing.search.terms import terms_of_search

MAX_SEARCH_LENGTH = 200
MAX_SEARCH_WORDS = 8


class Person(Protocol):
    """Somebody who can be asked for: an id, and a name by `str()`."""

    @property
    def pk(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class ListPage[M: Model]:
    """Rows newest first, and the addresses of the pages before and after; None where there is no such page."""

    items: list[M]
    newer: str | None
    older: str | None


class SearchField(forms.CharField):
    """Words to look for; the label stands in the empty field."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            required=False,
            label=label,
            max_length=MAX_SEARCH_LENGTH,
            widget=forms.TextInput(attrs={"type": "search", "placeholder": label, "dir": "auto"}),
            error_messages={"max_length": gettext_lazy("Search for at most %(limit_value)d characters.")},
        )

    def to_python(self, value: Any) -> str:
        """The text as it is stored: composed, however a keyboard or a clipboard writes accents."""
        return unicodedata.normalize("NFC", str(super().to_python(value)))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value.split()) > MAX_SEARCH_WORDS:
            message = _("Search for at most %(number)d words.")
            raise forms.ValidationError(message, params={"number": MAX_SEARCH_WORDS})
        if value.strip() and not terms_of_search(value):
            raise forms.ValidationError(_("Search for words: signs alone can't be found."))


class PersonField(forms.TypedChoiceField):
    """One of the people that are offered, by their id; None when nobody in particular is asked for."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label=gettext_lazy("Person"),
            coerce=int,
            empty_value=None,
            error_messages={"invalid_choice": gettext_lazy("There is no such person here.")},
        )

    def offer(self, people: Iterable[Person], you: Any, *others: tuple[str, Any]) -> None:
        """Offer these people, of whom `you` (an id) reads the page, and other choices after them."""
        own = _("%(name)s (you)")
        named = [(str(one.pk), own % {"name": one} if one.pk == you else str(one)) for one in people]
        self.choices = [("", _("Everybody")), *named, *others]


class ListFilterForm(forms.Form):
    """What an address asks of a list. A value that makes no sense is told at its field and otherwise ignored.

    `from` and `to` are days, both included. Subclasses add fields, give `q` a label, offer
    people, and turn `chosen` into a queryset.
    """

    q = SearchField(gettext_lazy("Search"))
    person = PersonField()

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        # `from` is a word of Python's.
        self.fields |= {"from": DayField(gettext_lazy("From")), "to": DayField(gettext_lazy("To"))}

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The values that make sense, by field; a filter that is not set is not in it."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter beside the search is set, be it to something that makes sense or not."""
        return any(self.data.get(name) for name in self.fields if name != "q")

    @property
    def unasked_key(self) -> str:
        """What the form depends on where nothing is asked for, for keeping it rendered; "" where something is."""
        if any(self.data.get(name) for name in self.fields):
            return ""
        offered = [getattr(field.widget, "choices", ()) for field in self.fields.values()]
        words = (word for choices in offered for word in chain(*choices))
        return fragment_key(type(self).__name__, reader_key(), *self.fields, *words)

    @property
    def status(self) -> int:
        """The page's HTTP status: 422 when a filter was ignored."""
        return 200 if self.is_valid() else 422

    def person_asked_for(self) -> int | None:
        """The id in the address, before it is known whether there is such a person here."""
        text = str(self.data.get("person", ""))
        # Eighteen digits fit into a database's integer.
        return int(text) if text.isdecimal() and len(text) <= 18 else None

    def address(self, cursor: str | None = None) -> str:
        """The query of this list, and where to read on; filters that are not set stay out of it."""
        asked = {**self.chosen, **({"cursor": cursor} if cursor else {})}
        return f"?{urlencode(asked)}" if asked else ""

    def page_of[M: Model](self, rows: QuerySet[M] | Rows[M], size: int, *, time: str = "created_at") -> ListPage[M]:
        """`size` of these rows by (`time`, pk), both descending, from where the address says."""
        page = page_of(rows, str(self.data.get("cursor", "")), size, time=time)
        newer, older = (cursor and self.address(cursor) for cursor in (page.newer, page.older))
        return ListPage(page.items, newer, older)
