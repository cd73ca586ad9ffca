"""Pixels, ratios and tiers: there and back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.sizes import RATIOS, SIZES, TIERS, Size, read_size, size_for, tier_of


@pytest.mark.parametrize(
    ("value", "ratio", "tier"),
    [
        ("1024x1024", "1:1", "1K"),
        ("1536x1024", "3:2", "1K"),
        ("1024x1536", "2:3", "1K"),
        ("2048x2048", "1:1", "2K"),
        ("2048x1152", "16:9", "2K"),
        ("3840x2160", "16:9", "4K"),
        ("2880x2880", "1:1", "4K"),
        ("1536x512", "3:1", "1K"),
    ],
)
def test_the_well_known_sizes_are_among_ours(value, ratio, tier):
    assert size_for(ratio, tier).value == value
    assert read_size(value) == size_for(ratio, tier)


def test_there_is_one_size_for_each_ratio_and_tier():
    assert [(size.ratio, size.tier) for size in SIZES] == [(ratio, tier) for tier in TIERS for ratio in RATIOS]
    assert len({size.value for size in SIZES}) == len(SIZES) == 45


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.ratio}-{size.tier}")
def test_each_size_is_exact_and_leads_back(size):
    across, down = size.ratio.split(":")
    assert Fraction(size.width, size.height) == Fraction(int(across), int(down))
    assert size.width % 16 == size.height % 16 == 0
    assert 655_360 <= size.width * size.height <= 3840 * 2160
    assert max(size.width, size.height) <= {"1K": 1536, "2K": 2048, "4K": 3840}[size.tier]
    assert size.value == f"{size.width}x{size.height}"
    assert read_size(size.value) == size
    assert tier_of(size.value) == size.tier


def test_a_higher_tier_has_more_pixels_in_every_ratio():
    for ratio in RATIOS:
        pixels = [size_for(ratio, tier).width * size_for(ratio, tier).height for tier in TIERS]
        assert pixels == sorted(set(pixels))


def test_a_ratio_that_appears_tomorrow_has_sizes_too():
    assert size_for("7:5", "1K") == Size("1456x1040", "7:5", "1K", 1456, 1040)


@pytest.mark.parametrize(
    ("ratio", "tier"),
    [("auto", "1K"), ("1:1", "8K"), ("1:1", ""), ("0:1", "1K"), ("1:999", "1K"), ("wide", "1K"), ("", "1K")],
)
def test_what_has_no_size_is_told(ratio, tier):
    with pytest.raises(ValueError, match=r"no size|too extreme"):
        size_for(ratio, tier)


@pytest.mark.parametrize(
    ("text", "ratio", "tier"),
    [
        ("1000x1000", "1:1", "1K"),
        (" 1920 X 1080 ", "16:9", "2K"),
        ("1080×1920", "9:16", "2K"),
        ("1536x1536", "1:1", "2K"),
        ("1600x400", "3:1", "2K"),
        ("2049x16", "3:1", "4K"),
        ("4096x4096", "1:1", "4K"),
        ("1x1", "1:1", "1K"),
    ],
)
def test_any_pixels_are_read_by_the_nearest_ratio_and_the_smallest_tier_that_holds_them(text, ratio, tier):
    size = read_size(text)

    assert size
    assert (size.ratio, size.tier) == (ratio, tier)


@pytest.mark.parametrize(
    "text", ["auto", "", "1024", "x", "0x0", "0x5", "-1x1", "1e3x1e3", "123456x1", "१०x१०", "1024x1024x3"]
)
def test_what_is_no_size_is_none_and_counts_as_the_default_tier(text):
    assert read_size(text) is None
    assert tier_of(text) == "1K"


@given(st.text() | st.from_regex(r"[0-9]{0,7}x[0-9]{0,7}"))
def test_no_text_is_too_strange_to_be_read(text):
    size = read_size(text)

    assert size is None or (size.width > 0 and size.height > 0 and size.ratio in RATIOS and size.tier in TIERS)
