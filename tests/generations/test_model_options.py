"""What the prompt form offers: the models' sizes and prices, whatever a live list may hold."""

import json
from dataclasses import replace
from typing import Any

import pytest

from hubportal.generations.model_options import ModelOptions
from hubportal.generations.wording.orders import option_name
from hubportal.hub.image_models import DOCUMENTED_MODELS, OPTION_NAMES, ImageModel, parse_models


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

    assert offer.price(known, "auto", "auto", 1) == 8
    assert offer.price(known, "2048x2048", "high", 4) == 40
    assert offer.price(unknown, "auto", "auto", 1) is None


def test_auto_size_of_a_model_without_1k_costs_what_its_smallest_tier_does():
    offer = offer_of(credits={"2K": 20, "4K": 40})

    assert offer.price(offer.first, "auto", "auto", 1) == 20


VARIED = [
    {"id": "by-both", "tiers": ["1K", "2K"], "credits": {"1K": {"low": 4, "high": 16}, "2K": {"low": 8, "high": 32}}},
    {"id": "by-effort", "efforts": ["auto", "low", "max"], "credits": {"low": 2, "max": 50}},
    {"id": "without-efforts", "efforts": [], "credits": 7},
    {"id": "without-auto", "efforts": ["standard", "hd"], "credits": {"standard": 5, "hd": 9}},
    {"id": "large", "tiers": ["2K"], "credits": {"2K": 20}},
    {"id": "listed", "sizes": ["1024x1024", "2048x2048"], "credits": {"1K": 3, "2K": 6}},
    {"id": "unheard-of"},
]


@pytest.mark.parametrize("models", [DOCUMENTED_MODELS, parse_models(VARIED)])
def test_what_the_scripts_are_told_is_what_the_server_reckons(models: tuple[ImageModel, ...]):
    offer = ModelOptions(models)
    told = json.loads(offer.for_script)

    for model in offer.models:
        here = told[model.id]
        sizes = [("auto", "auto"), *((size.value, size.tier) for size in offer.sizes(model))]
        assert here["sizes"] == [value for value, _ in sizes]
        assert (here["efforts"], here["effort"]) == (list(model.efforts), model.default_effort)
        for value, tier in sizes:
            for effort in model.efforts or ("auto",):
                each = here["prices"].get(tier, {}).get(effort)
                assert each == offer.price(model, value, effort, 1)
                assert each is None or here["words"][str(each * 4)] == f"{each * 4} credits"


def test_a_list_of_sizes_is_offered_as_it_is():
    offer = offer_of(sizes=["640x640", "1024x1536"])

    assert [size.value for size in offer.sizes(offer.first)] == ["640x640", "1024x1536"]
    assert not offer.has_size(offer.first, "1024x1024")


@pytest.mark.parametrize(
    ("size", "taken"),
    [
        ("1024x1024", True),
        ("3840x2160", True),
        ("2160x3840", True),
        ("1552x528", True),
        ("1600x512", False),
        ("3856x2160", False),
        ("1000x1000", False),
        ("1024 x 1024", False),
        ("0x0", False),
        ("huge", False),
    ],
)
def test_a_model_that_limits_no_sizes_takes_those_that_follow_the_rule(size: str, taken: bool):
    offer = offer_of()

    assert offer.has_size(offer.first, size) is taken
    assert len(ratios(offer)) == 15
    assert {size.tier for size in offer.sizes(offer.first)} == {"1K"}


def test_efforts_and_parameters_are_those_of_all_models_together():
    offer = ModelOptions(
        parse_models(
            [
                {"id": "a", "efforts": ["low", "max"], "background": ["auto", "opaque"]},
                {"id": "b", "efforts": [], "background": ["transparent"], "output_format": ["png"]},
            ]
        )
    )

    assert offer.efforts == ["auto", "low", "max"]
    assert offer.option_words == {"background": ["auto", "opaque", "transparent"], "output_format": ["png"]}


def test_every_known_parameter_has_a_name_that_people_read():
    assert not [name for name in OPTION_NAMES if option_name(name) == name]


def test_no_model_takes_more_references_than_we_receive():
    assert json.loads(offer_of(reference_image_limit=500).for_script)["tomorrow"]["references"] == 16


@pytest.mark.parametrize("change", [{"tiers": ("1K", "16K")}, {"reference_limit": 18}, {"name": "Lens"}])
def test_whatever_the_form_says_of_a_model_is_in_the_key_that_it_is_kept_under(change: dict[str, Any]):
    """Also what the scripts are not told: a tier without known sizes, a limit above what we receive."""
    model = replace(DOCUMENTED_MODELS[0], tiers=("1K", "8K"), reference_limit=17)

    assert ModelOptions((model,)).key == ModelOptions((replace(model),)).key
    assert ModelOptions((model,)).key != ModelOptions((replace(model, **change),)).key
