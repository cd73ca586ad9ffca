"""The terms of a text and of a search: what is typed is found in what was written, in every script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.listing.search.terms import MAX_BYTES, MAX_PREFIX, SCOPE_BYTES, terms_of_search, terms_of_text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ca phe", "Cà phê sữa đá"),
        ("CÀ PHÊ", "ca phe"),
        ("da lat", "Đà Lạt"),
        ("istanbul", "İSTANBUL'da"),
        ("ısparta", "Isparta"),
        ("αθηνα", "Αθήνα τη νύχτα"),
        ("夕暮", "美しい夕暮れの港"),
        ("港", "夕暮れの港"),
        ("夕暮れの", "夕暮れの港"),
        ("ガラス", "ｶﾞﾗｽの靴"),
        ("iphone用", "iPhone用ケース"),
        ("北京", "北京的夜"),
        ("ตลาด", "ตลาดน้ำยามเช้า"),
        ("كتاب", "كِتَابٌ قديم"),
        ("strasse", "Straße"),
        ("STRASSE", "Hauptstraße, Straße"),
        ("1 2", "１ ２ ３"),
        ("हिन्दी", "हिन्दी में"),
        ("한국", "한국어로"),
        ("harb", "The harbour"),
        ("🦊", "a🦊b"),
        ("boat-house", "boat house"),
        ("photographical", "photographic"),
    ],
)
def test_what_is_typed_is_found(typed: str, stored: str) -> None:
    assert terms_of_search(typed)
    assert terms_of_search(typed) <= terms_of_text(stored)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("oat", "boat"),
        ("boats", "boat"),
        ("b", "boat"),
        ("暮夕", "夕暮れ"),
        ("か", "が"),
        ("red fox", "red boat"),
        ("ca phe", "cap he"),
    ],
)
def test_other_words_are_not_found(typed: str, stored: str) -> None:
    assert not terms_of_search(typed) <= terms_of_text(stored)


@pytest.mark.parametrize("signs", ["", "  ", '"', "* : & | !", "\\", "%_", "—", "\N{COMBINING ACUTE ACCENT}"])
def test_signs_alone_are_nothing_to_look_for(signs: str) -> None:
    assert terms_of_search(signs) == set()


@given(st.text(max_size=80))
def test_a_text_is_found_by_each_of_its_words_and_by_all_of_it(text: str) -> None:
    terms = terms_of_text(text)

    assert terms_of_search(text) <= terms
    assert all(terms_of_search(word) <= terms for word in text.split())


@given(st.text(max_size=80))
def test_a_term_is_one_token_to_both_databases(text: str) -> None:
    for term in terms_of_text(text):
        assert 0 < len(term) <= MAX_PREFIX
        assert not any(char.isascii() and not (char.isdigit() or char.islower()) for char in term)


def test_a_text_of_rare_characters_has_no_more_terms_than_a_database_takes() -> None:
    text = "".join(chr(0x20000 + at) for at in range(32_000))

    terms = terms_of_text(text)

    assert sum(len(term.encode()) + SCOPE_BYTES for term in terms) <= MAX_BYTES
    assert text[:2] in terms
    assert terms == terms_of_text(text)
