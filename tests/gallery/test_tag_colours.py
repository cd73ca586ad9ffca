"""Every colour of a tag can be read, by day and by night."""

import re

import pytest

from hubportal.gallery.models import TagColour
from tests.test_look import READABLE, ROOT, contrast

SHEET = (ROOT / "static" / "css" / "tags.css").read_text()
PAIR = r"--tag: light-dark\((#\w+), (#\w+)\); --on-tag: light-dark\((#\w+), (#\w+)\);"


@pytest.mark.parametrize("colour", TagColour.values)
def test_a_tag_stands_out_from_its_colour_in_both_themes(colour: str) -> None:
    # Grey is what a tag is without any other.
    rule = r"\.tag \{" if colour == TagColour.GREY else rf'\.tag\[data-colour="{colour}"\] \{{'

    found = re.search(f"{rule} {PAIR}", SHEET)

    assert found
    day, night, on_day, on_night = ((int(one[1:3], 16), int(one[3:5], 16), int(one[5:7], 16)) for one in found.groups())
    assert min(contrast(day, on_day), contrast(night, on_night)) >= READABLE
