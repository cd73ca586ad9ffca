"""The filters of a list: what makes sense is asked for, what makes none is told and left out."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import QueryDict

from hubportal.listing.filters import MAX_SEARCH_WORDS, ListFilterForm

ANNA = SimpleNamespace(pk=7)


def form_of(query: str) -> ListFilterForm:
    form = ListFilterForm(QueryDict(query))
    field: Any = form.fields["person"]
    field.offer([ANNA], 8, ("0", "The site itself"))
    return form


def test_what_makes_sense_is_chosen_and_what_is_empty_is_not() -> None:
    form = form_of("q=boat&person=7&from=2026-11-21&to=")

    assert form.chosen == {"q": "boat", "person": 7, "from": date(2026, 11, 21)}
    assert (form.is_valid(), form.status) == (True, 200)


@pytest.mark.parametrize(
    "wrong", ["person=8", "person=x", "person=7.0", "from=yesterday", "to=9999-12-31", "from=11/21/2026", "q=%00"]
)
def test_what_makes_no_sense_is_told_at_its_field_and_left_out(wrong: str) -> None:
    name = wrong.partition("=")[0]
    other = "q=boat" if name != "q" else "person=7"

    form = form_of(f"{wrong}&{other}")

    assert list(form.errors) == [name]
    assert form.status == 422
    assert list(form.chosen) == [other.partition("=")[0]]


def test_the_address_says_what_was_chosen_and_where_to_read_on() -> None:
    form = form_of("q=a+%26+b&person=0&from=2026-11-21&to=nonsense&unheard=of")

    assert form.address() == "?q=a+%26+b&person=0&from=2026-11-21"
    assert form.address("abc") == "?q=a+%26+b&person=0&from=2026-11-21&cursor=abc"
    assert form_of("").address() == ""


@pytest.mark.parametrize(("person", "asked"), [("7", 7), ("", None), ("-1", None), ("x", None), ("9" * 40, None)])
def test_an_id_is_read_before_it_is_known_whose_it_is(person: str, asked: int | None) -> None:
    assert form_of(f"person={person}").person_asked_for() == asked


@pytest.mark.parametrize("signs", ['"', "*", "& | !", "%_", "—"])
def test_signs_alone_are_told_and_left_out(signs: str) -> None:
    form = ListFilterForm({"q": signs})

    assert form.errors["q"] == ["Search for words: signs alone can't be found."]
    assert form.chosen == {}


def test_more_words_than_can_be_looked_for_are_said_and_not_left_out_silently() -> None:
    few, many = (ListFilterForm({"q": "boat " * number}) for number in (MAX_SEARCH_WORDS, MAX_SEARCH_WORDS + 1))

    assert (few.status, many.status) == (200, 422)
    assert many.errors["q"] == ["Search for at most 8 words."]
    assert "q" not in many.chosen


def test_words_are_looked_for_as_they_are_stored_however_their_accents_are_written() -> None:
    form = ListFilterForm({"q": "cafe\N{COMBINING ACUTE ACCENT}"})

    assert form.chosen["q"] == "caf\N{LATIN SMALL LETTER E WITH ACUTE}"
