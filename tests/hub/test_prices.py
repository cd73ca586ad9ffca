"""Prices over (tier, effort): whatever way round they come, and what an order costs that has no price of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.prices import price_at, read_prices

TABLE = {("1K", "low"): 4, ("1K", "high"): 16, ("2K", "low"): 8, ("2K", "high"): 32}


@pytest.mark.parametrize(
    "told",
    [
        {"1K": {"low": 4, "high": 16}, "2K": {"low": 8, "high": 32}},
        {"low": {"1K": 4, "2K": 8}, "high": {"1k": "16", "2K": 32.0}},
        {"1024x1024": {"low": 4, "high": 16}, "2048x2048": {"low": 8, "high": 32}},
        {"tiers": {"1K": {"efforts": {"low": 4, "high": 16}}, "2K": {"credits": {"low": 8, "high": 32}}}},
        [
            {"tier": "1K", "effort": "low", "credits": 4},
            {"tier": "1K", "effort": "high", "credits": 16},
            {"size": "2048x2048", "quality": "low", "price": 8},
            {"resolution": "2K", "quality": "high", "amount": 32},
        ],
        [{"quality": "1K", "credits": {"low": 4, "high": 16}}, {"name": "2K", "low": 8, "high": {"value": 32}}],
        {"LOW": [{"id": "1K", "credits": 4}, {"id": "2K", "credits": 8}], "High": {"1K": 16, "2K": 32}},
    ],
)
def test_a_map_over_tier_and_effort_is_read_either_way_round(told):
    assert read_prices(told) == TABLE


@pytest.mark.parametrize(
    ("told", "prices"),
    [
        (9, {("", ""): 9}),
        ({"credits": 9, "currency": "credits"}, {("", ""): 9}),
        ({"low": 4, "medium": 8, "max": 30}, {("", "low"): 4, ("", "medium"): 8, ("", "max"): 30}),
        ({"1K": 8, "2K": {"low": 8, "high": 20}}, {("1K", ""): 8, ("2K", "low"): 8, ("2K", "high"): 20}),
        ({"1024x1024": 8, "1536x1024": 9}, {("1K", ""): 9}),
        ({"instant": 3, "odd": 5, "limit": 7}, {("", "instant"): 3}),
        ([{"effort": "unheard-of", "credits": 5}, 7, None, {"size": "large", "credits": 6}], None),
        ([], {}),
        ({"low": -1, "high": True, "1K": None, "2K": [8]}, {}),
    ],
)
def test_flat_maps_and_odd_ones_are_read_as_far_as_they_make_sense(told, prices):
    expected = {("", "unheard-of"): 5, ("", ""): 6} if prices is None else prices
    assert read_prices(told, ("instant",)) == expected


@pytest.mark.parametrize(
    ("prices", "tier", "effort", "credits"),
    [
        (TABLE, "1K", "low", 4),
        (TABLE, "2K", "high", 32),
        (TABLE, "4K", "high", None),
        ({("1K", ""): 8}, "1K", "high", 8),
        ({("", "high"): 20, ("", "low"): 5}, "4K", "high", 20),
        ({("", ""): 9}, "4K", "max", 9),
        ({("1K", ""): 8, ("", "high"): 20}, "1K", "high", 8),
        ({}, "1K", "auto", None),
        # "auto" is billed as the dearest unless it has a price of its own; so is any other word without one.
        (TABLE, "1K", "auto", 16),
        (TABLE, "1K", "medium", 16),
        (TABLE | {("1K", "auto"): 10}, "1K", "auto", 10),
        (TABLE | {("", "auto"): 10}, "1K", "auto", 16),
        ({("", "auto"): 10, ("", "high"): 20}, "1K", "auto", 10),
        ({("", "low"): 5, ("", "high"): 20}, "1K", "auto", 20),
        ({("1K", ""): 8, ("1K", "high"): 16}, "1K", "auto", 16),
        ({("1K", ""): 8}, "1K", "auto", 8),
    ],
)
def test_a_price_falls_back_from_the_exact_place_to_any(prices, tier, effort, credits):
    assert price_at(prices, tier, effort) == credits


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["1K", "2K"]), st.sampled_from(["low", "medium", "high"])), st.integers(0, 99)
    )
)
def test_auto_never_reserves_less_than_an_effort_of_the_same_tier(prices):
    for (tier, _), credits in prices.items():
        auto = price_at(prices, tier, "auto")
        assert auto is not None
        assert auto >= credits
