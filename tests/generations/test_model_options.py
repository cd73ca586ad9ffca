"""What the prompt form offers: the models' sizes and prices, whatever a live list may hold."""

import json

import pytest

from hubportal.generations.model_options import ModelOptions
from hubportal.hub.image_models import DOCUMENTED_MODELS, parse_models


def offer_of(**entry: object) -> ModelOptions:
    return ModelOptions(parse_models([{"id": "tomorrow", **entry}]))


def ratios(offer: ModelOptions) -> set[str]:
    return {size.ratio for size in offer.sizes(offer.first)}


def test_a_model_of_one_tier_is_offered_no_larger_size():
    offer = ModelOptions(DOCUMENTED_MODELS)
    small, large = offer.model("nanobanana"), offer.model("nanobanana2")
    assert small
    assert large

    assert offer.has_size(large, "2048x2048")
    assert not offer.has_size(small, "2048x2048")
    assert {size.tier for size in offer.sizes(small)} == {"1K"}


def test_a_shape_and_a_tier_nobody_heard_of_do_not_break_the_form():
    offer = offer_of(aspect_ratios=["1:1", "7:5", "circle"], qualities=["1K", "16K"])

    assert ratios(offer) == {"1:1", "7:5"}
    assert {size.tier for size in offer.sizes(offer.first)} == {"1K"}
    assert "7:5" in {size.ratio for group in offer.size_groups for size in group.sizes}


@pytest.mark.parametrize("aspect_ratios", [[], ["auto"]])
def test_a_model_that_names_no_shape_is_offered_every_one(aspect_ratios: list[str]):
    assert len(ratios(offer_of(aspect_ratios=aspect_ratios))) == 15


def test_every_size_is_listed_once_by_tier_with_the_usual_shapes_first():
    groups = ModelOptions(DOCUMENTED_MODELS).size_groups

    assert [group.name for group in groups] == ["Standard · 1K", "Large · 2K", "Largest · 4K"]
    assert [size.ratio for size in groups[0].sizes][:3] == ["1:1", "3:2", "2:3"]
    values = [size.value for group in groups for size in group.sizes]
    assert len(values) == len(set(values))


def test_a_price_grows_with_tier_and_number_and_is_unknown_where_the_hub_says_nothing():
    offer = ModelOptions(DOCUMENTED_MODELS)
    known, unknown = offer.model("gpt-image-2"), offer.model("nanobanana")
    assert known
    assert unknown

    assert offer.price(known, "auto", 1) == 8
    assert offer.price(known, "2048x2048", 4) == 40
    assert offer.price(unknown, "auto", 1) is None


def test_what_the_scripts_are_told_is_what_the_server_reckons():
    offer = ModelOptions(DOCUMENTED_MODELS)
    told = json.loads(offer.for_script)

    for model in offer.models:
        assert told[model.id]["sizes"] == ["auto", *(size.value for size in offer.sizes(model))]
        for size in offer.sizes(model):
            for n in (1, 4):
                prices = told[model.id]["prices"].get(size.tier)
                assert (prices[n - 1]["credits"] if prices else None) == offer.price(model, size.value, n)
    assert told["gpt-image-2"]["prices"]["1K"][1]["words"] == "16 credits"


def test_no_model_takes_more_references_than_we_receive():
    assert json.loads(offer_of(reference_image_limit=500).for_script)["tomorrow"]["references"] == 16
