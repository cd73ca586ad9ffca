"""What a page asks of an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

from hubportal.listing.search.index import Description, SearchIndex, fact_term, scope_of, word_term
from hubportal.listing.search.place import FIRST, LAST, first_place, last_place
from hubportal.listing.search.terms import terms_of_search


class Fact(NamedTuple):
    """A fact that rows are looked for by, and what must be true of a row to be shown, where that is more exact."""

    looked_for: str
    exact: str = ""

    @property
    def required(self) -> str:
        return self.exact or self.looked_for


@dataclass(frozen=True, slots=True)
class Search:
    """Rows of a tenant's that this reader (an id; None: nobody in particular) may see and that have all this.

    `facts`: of each group one. `own`: what is private to the reader, and nothing else. `since` is included, `before`
    is not.
    """

    index: SearchIndex[Any]
    tenant: int
    reader: int | None
    words: str = ""
    facts: Sequence[Sequence[Fact]] = ()
    own: bool = False
    since: datetime | None = None
    before: datetime | None = None

    @property
    def places(self) -> tuple[int, int]:
        """The first and the last place that can be found."""
        first = FIRST if self.since is None else first_place(self.since)
        return first, LAST if self.before is None else last_place(self.before - timedelta(microseconds=1))

    def clauses(self) -> list[list[str]]:
        """Terms, of which a document has all of one of these lists. The words are the same in each."""
        words = sorted(terms_of_search(self.words))
        choices = [sorted({fact.looked_for for fact in chosen}) for chosen in product(*self.facts)]
        return [
            [*(word_term(scope, word) for word in words), *(fact_term(scope, fact) for fact in facts)]
            or [fact_term(scope)]
            for scope in self._scopes()
            for facts in choices
        ]

    def admits(self, row: Description | None) -> bool:
        """Whether a row is what was asked for, by what is true of it now. Words are not looked at."""
        if row is None or row.scope not in self._scopes():
            return False
        has = row.facts | row.exact
        return all(any(fact.required in has for fact in group) for group in self.facts)

    def _scopes(self) -> list[str]:
        alone = [] if self.reader is None else [scope_of(self.tenant, self.reader)]
        return alone if self.own else [scope_of(self.tenant), *alone]
