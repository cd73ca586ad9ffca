"""Reading the model list, whose entries are documented by one field name only (hub-api.md, Models and Open)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.errors import HubGarbled
from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models
from hubportal.hub.sizes import RATIOS
from tests.hub.test_records import JSON

GPT = {
    "id": "gpt-image-2",
    "name": "GPT IMAGE 2",
    "provider": "openai",
    "aspect_ratios": ["auto", *RATIOS],
    "qualities": ["1K", "2K", "4K"],
    "reference_image_limit": 16,
    "credits": {"1K": 8, "2K": 10, "4K": 12},
}


def only(entry) -> ImageModel:
    (model,) = parse_models([entry])
    return model


def test_the_documented_table_is_the_one_of_the_api():
    table = {model.id: (model.name, model.provider, model.tiers, model.reference_limit) for model in DOCUMENTED_MODELS}

    assert table == {
        "gpt-image-2": ("GPT IMAGE 2", "openai", ("1K", "2K", "4K"), 16),
        "nanobanana": ("Nano Banana", "gemini", ("1K",), 3),
        "nanobanana2": ("Nano Banana 2", "gemini", ("1K", "2K", "4K"), 14),
        "nanobananapro": ("Nano Banana Pro", "gemini", ("1K", "2K", "4K"), 14),
    }
    documented = "auto 1:1 4:3 3:4 3:2 2:3 16:9 9:16 5:4 4:5 21:9 9:21 2:1 1:2 3:1 1:3"
    assert DOCUMENTED_MODELS[0].aspect_ratios == tuple(documented.split())
    assert [DOCUMENTED_MODELS[0].price(tier) for tier in ("1K", "2K", "4K", "8K")] == [8, 10, 12, None]
    assert [model.price("1K") for model in DOCUMENTED_MODELS[1:]] == [None, None, None]


@pytest.mark.parametrize(
    "payload",
    [
        [GPT],
        {"data": [GPT]},
        {"models": [GPT]},
        {"object": "list", "data": {"models": [GPT]}},
        {"data": [GPT, GPT]},
        [GPT, None, 7, {}, {"id": ""}, {"id": None}],
    ],
)
def test_the_list_is_found_at_the_top_or_under_data_or_models(payload):
    assert parse_models(payload) == (DOCUMENTED_MODELS[0],)


def test_names_in_camel_case_are_read():
    entry = {
        "modelId": "tomorrow",
        "displayName": "Tomorrow",
        "providerName": "someone",
        "supportedAspectRatios": ["1:1", "7:5"],
        "supportedQualities": ["2K"],
        "referenceImageLimit": 5,
        "creditsPerImage": {"2K": 20},
    }

    assert only(entry) == ImageModel("tomorrow", "Tomorrow", "someone", ("1:1", "7:5"), ("2K",), 5, {"2K": 20})


@pytest.mark.parametrize(
    "credits",
    [
        {"credits": {"1K": 8, "2k": 10.0, "4K": "12"}},
        {
            "credits_per_image": [
                {"quality": "1K", "credits": 8},
                {"tier": "2K", "value": 10},
                {"name": "4K", "price": 12},
            ]
        },
        {"pricing": {"1K": {"credits": 8}, "2K": {"amount": 10}, "4K": {"creditsPerImage": 12}, "currency": "credits"}},
        {"qualities": [{"id": "1K", "credits": 8}, {"id": "2K", "credits": 10}, {"id": "4K", "credits": 12}]},
        {"qualities": {"1K": 8, "2K": 10, "4K": 12}},
    ],
)
def test_credits_are_read_from_a_map_a_list_or_beside_the_tiers(credits):
    model = only({"id": "tomorrow", "tiers": None} | credits)

    assert model.credits == {"1K": 8, "2K": 10, "4K": 12}
    assert model.tiers == ("1K", "2K", "4K")


def test_a_single_number_of_credits_holds_for_every_tier():
    assert only({"id": "tomorrow", "qualities": ["1K", "2K"], "credits": 9}).credits == {"1K": 9, "2K": 9}
    assert only({"id": "tomorrow", "credits": 9}).credits == {"1K": 9}
    assert only({"id": "nanobanana2", "credits": 9}).credits == {"1K": 9, "2K": 9, "4K": 9}


@pytest.mark.parametrize("credits", [-8, True, 7.5, {"1K": -1}, {"1K": None}, [], [8], "dear", {"high": 8}, None])
def test_credits_that_make_no_sense_fall_back_to_the_documented_ones(credits):
    assert only(GPT | {"credits": credits}).credits == {"1K": 8, "2K": 10, "4K": 12}
    assert only({"id": "tomorrow", "credits": credits}).credits == {}


def test_what_an_entry_leaves_out_is_filled_from_the_documented_table():
    assert only({"id": "gpt-image-2"}) == DOCUMENTED_MODELS[0]
    assert only("nanobananapro") == DOCUMENTED_MODELS[3]
    assert only({"id": "nanobanana", "reference_image_limit": 0}).reference_limit == 0


def test_a_model_nobody_has_heard_of_simply_works():
    model = only({"id": "tomorrow"})

    assert model == ImageModel("tomorrow", "tomorrow", "", ("auto", *RATIOS), ("1K",), 0, {})
    assert model.price("1K") is None


def test_efforts_listed_as_qualities_are_not_tiers():
    model = only(GPT | {"qualities": ["auto", "low", "medium", "high"]})

    assert model.tiers == ("1K", "2K", "4K")


def test_the_order_of_the_list_is_kept():
    assert [model.id for model in parse_models([{"id": "b"}, {"id": "a"}, {"id": "b"}])] == ["b", "a"]


def test_an_empty_list_is_an_answer():
    assert parse_models({"data": []}) == ()


@pytest.mark.parametrize("payload", [{}, None, 7, "gpt-image-2", {"data": None}, {"data": "x"}, [{}], [None, 7], [[]]])
def test_what_lists_no_model_is_garbled(payload):
    with pytest.raises(HubGarbled):
        parse_models(payload)


@given(
    st.lists(st.dictionaries(st.sampled_from([*GPT, "pricing", "tiers", "model"]), JSON).map(lambda e: GPT | e)) | JSON
)
def test_whatever_json_comes_models_are_read_or_called_garbled(payload):
    try:
        models = parse_models(payload)
    except HubGarbled:
        return
    for model in models:
        assert model.id
        assert model.name
        assert model.tiers
        assert model.aspect_ratios
        assert 0 <= model.reference_limit <= 1000
        assert all(0 <= price <= 10**9 for price in model.credits.values())
        json.dumps([model.id, model.name, model.provider, *model.aspect_ratios], ensure_ascii=False).encode()
