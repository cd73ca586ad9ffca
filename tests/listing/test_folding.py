"""Text as it is searched: the same words, however they are typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.listing.folding import fold


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ca phe da", "Cà phê ĐÁ"),
        ("strasse", "Straße"),
        ("ILGAZ", "ılgaz"),
        ("istanbul", "İstanbul"),
        ("zolc", "Żółć"),
        ("ελλαδα", "Ελλάδα"),
        ("елка", "Ёлка"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("１２３", "123"),
        ("كتاب", "كِتَاب"),
        ("smorrebrod", "smørrebrød"),
        ("café", unicodedata.normalize("NFD", "CAFÉ")),
    ],
)
def test_the_same_words_are_found_however_they_are_typed(typed: str, stored: str):
    assert fold(typed) == fold(stored)


@pytest.mark.parametrize(("one", "other"), [("か", "が"), ("は", "ぱ"), ("क", "क़"), ("ab", "ba")])
def test_other_words_stay_other_words(one: str, other: str):
    assert fold(one) != fold(other)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str):
    assert fold(fold(text)) == fold(text)
