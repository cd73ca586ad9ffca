"""What a saved picture is called."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.gallery.filenames import content_disposition, slug


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A red boat", "A-red-boat"),
        ("one two three four five six seven", "one-two-three-four-five-six"),
        ('say "hi" to\\from /etc/passwd', "say-hi-to-from-etc-passwd"),
        ("first\r\nsecond\tthird", "first-second-third"),
        ("../../up", "up"),
        ("قارب أحمر صغير", "قارب-أحمر-صغير"),
        ("\u202egnp.exe", "gnp-exe"),
        ("می\u200cخواهم", "میخواهم"),
        ("नीली नाव", "नीली-नाव"),
        ("🦊 in snow", "in-snow"),
        ("🦊🦊", ""),
        ("x" * 300, "x" * 60),
    ],
)
def test_a_name_is_the_first_words_in_letters_and_digits(prompt: str, name: str) -> None:
    assert slug(prompt) == name


def test_a_name_that_is_not_ascii_comes_with_one_that_is() -> None:
    header = content_disposition("Barque d’été", "png", attachment=True, place=1)

    assert header == "attachment; filename=\"Barque-dete-1.png\"; filename*=UTF-8''Barque-d-%C3%A9t%C3%A9-1.png"


def test_a_prompt_without_letters_still_has_a_name() -> None:
    assert content_disposition("🦊", "webp", attachment=False, place=4) == 'inline; filename="picture-4.webp"'


@given(st.text())
def test_no_text_can_leave_its_quotes_or_its_line(text: str) -> None:
    header = content_disposition(text, "png", attachment=True, place=1)

    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
    assert len(header) < 1000
    assert slug(text).isprintable()
