"""Reading the model list, whose entries are documented by one field name only (hub-api.md, Models and Open)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.errors import HubGarbled
from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models, write_model
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

    assert only(entry) == ImageModel("tomorrow", "Tomorrow", "someone", ("1:1", "7:5"), ("2K",), 5, {("2K", ""): 20})


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

    assert model.prices == {("1K", ""): 8, ("2K", ""): 10, ("4K", ""): 12}
    assert model.tiers == ("1K", "2K", "4K")


def test_a_single_number_of_credits_holds_for_every_tier():
    assert only({"id": "tomorrow", "qualities": ["1K", "2K"], "credits": 9}).prices == {("", ""): 9}
    assert [only({"id": "nanobanana2", "credits": 9}).price(tier) for tier in ("1K", "2K", "4K")] == [9, 9, 9]


@pytest.mark.parametrize("credits", [-8, True, 7.5, {"1K": -1}, {"1K": None}, [], [8], "dear", {"currency": 8}, None])
def test_credits_that_make_no_sense_fall_back_to_the_documented_ones(credits):
    assert only(GPT | {"credits": credits}).prices == DOCUMENTED_MODELS[0].prices
    assert only({"id": "tomorrow", "credits": credits}).prices == {}


def test_what_an_entry_leaves_out_is_filled_from_the_documented_table():
    assert only({"id": "gpt-image-2"}) == DOCUMENTED_MODELS[0]
    assert only("nanobananapro") == DOCUMENTED_MODELS[3]
    assert only({"id": "nanobanana", "reference_image_limit": 0}).reference_limit == 0


def test_a_model_nobody_has_heard_of_simply_works():
    model = only({"id": "tomorrow"})

    assert model == ImageModel("tomorrow", "tomorrow", "", ("auto", *RATIOS), ("1K",), 0, {}, any_size=True)
    assert model.price("1K") is None


def test_efforts_listed_as_qualities_are_not_tiers():
    model = only(GPT | {"qualities": ["auto", "low", "medium", "high"]})

    assert model.tiers == ("1K", "2K", "4K")
    assert model.efforts == ("auto", "low", "medium", "high")


@pytest.mark.parametrize(
    ("told", "efforts"),
    [
        ({}, ("auto", "low", "medium", "high")),
        ({"efforts": None}, ("auto", "low", "medium", "high")),
        ({"efforts": ["auto", "low", "xhigh", "max"]}, ("auto", "low", "xhigh", "max")),
        ({"efforts": []}, ()),
        ({"qualities": []}, ()),
        ({"supportedEfforts": [{"value": "Low", "label": "Little"}, {"value": "Deep"}]}, ("Low", "Deep")),
        ({"qualities": ["1K", "2K"]}, ("auto", "low", "medium", "high")),
        ({"qualities": ["1K", "standard", "2K", "hd"]}, ("standard", "hd")),
        ({"qualities": ["1K"], "efforts": ["auto", "max"]}, ("auto", "max")),
        ({"parameters": {"quality": {"type": "string", "enum": ["low", "xhigh"], "default": "low"}}}, ("low", "xhigh")),
        ({"parameters": [{"name": "quality", "values": ["auto", "max"]}]}, ("auto", "max")),
        ({"quality": "high", "efforts": "high"}, ("auto", "low", "medium", "high")),
        ({"credits": {"low": 4, "max": 30}}, ("auto", "low", "max")),
        ({"efforts": [7, None, "a b", "x" * 21, "ok"]}, ("ok",)),
    ],
)
def test_the_words_for_effort_are_the_entrys_or_else_the_documented_ones(told, efforts):
    assert only({"id": "tomorrow"} | told).efforts == efforts


def test_where_auto_is_no_word_of_a_model_its_first_one_is_sent_by_default():
    assert only({"id": "tomorrow", "efforts": ["low", "auto"]}).default_effort == "auto"
    assert only({"id": "tomorrow", "efforts": []}).default_effort == "auto"
    assert only({"id": "tomorrow", "efforts": ["standard", "hd"]}).default_effort == "standard"


@pytest.mark.parametrize(
    ("told", "options"),
    [
        ({}, {}),
        ({"background": ["auto", "opaque"]}, {"background": ("auto", "opaque")}),
        (
            {"parameters": {"outputFormat": {"enum": ["png", "webp"]}, "seed": ["a"], "background": "auto"}},
            {"output_format": ("png", "webp")},
        ),
        ({"options": [{"id": "style", "choices": [{"value": "vivid"}, "natural"]}]}, {"style": ("vivid", "natural")}),
        ({"parameters": {"style": ["vivid"]}, "style": ["natural"]}, {"style": ("natural",)}),
        ({"background": [], "style": [7, {}], "complexity": {"type": "string"}}, {}),
        ({"parameters": {"model": ["a"], "id": "other", "name": "Other"}}, {}),
    ],
)
def test_known_parameters_are_read_from_lists_of_words_and_others_are_left_alone(told, options):
    model = only({"id": "tomorrow"} | told)

    assert model.options == options
    assert model.name == "tomorrow"


@pytest.mark.parametrize(
    ("told", "sizes", "any_size"),
    [
        ({}, (), True),
        ({"aspect_ratios": ["auto"]}, (), True),
        ({"aspect_ratios": ["1:1"]}, (), False),
        ({"tiers": ["2K"]}, (), False),
        ({"credits": {"1K": 4}}, (), False),
        ({"credits": 4, "efforts": ["low"]}, (), True),
        ({"sizes": ["auto", "1024x1024", "1024 × 1536", "huge"]}, ("1024x1024", "1024x1536"), False),
        ({"parameters": {"size": {"enum": ["auto", "640x640"]}}}, ("640x640",), False),
        ({"resolutions": ["640x640"]}, ("640x640",), False),
        ({"size": "1024x1024"}, (), True),
    ],
)
def test_sizes_are_those_listed_or_by_ratio_and_tier_or_any_by_rule(told, sizes, any_size):
    model = only({"id": "tomorrow"} | told)

    assert (model.sizes, model.any_size) == (sizes, any_size)
    assert model.tiers in (("1K",), ("2K",))


def test_of_a_known_model_the_documented_table_limits_the_sizes():
    assert not only({"id": "nanobanana"}).any_size


def test_tiers_are_found_beside_qualities_that_are_efforts():
    model = only({"id": "tomorrow", "qualities": ["low", "high"], "resolutions": ["1K", "2K"]})

    assert (model.tiers, model.efforts) == (("1K", "2K"), ("low", "high"))


def test_the_order_of_the_list_is_kept():
    assert [model.id for model in parse_models([{"id": "b"}, {"id": "a"}, {"id": "b"}])] == ["b", "a"]


def test_an_empty_list_is_an_answer():
    assert parse_models({"data": []}) == ()


@pytest.mark.parametrize("payload", [{}, None, 7, "gpt-image-2", {"data": None}, {"data": "x"}, [{}], [None, 7], [[]]])
def test_what_lists_no_model_is_garbled(payload):
    with pytest.raises(HubGarbled):
        parse_models(payload)


WORDS = st.lists(st.sampled_from(["auto", "low", "High", "max", "1K", "2k", "1024x1024", "png", "", "odd"]))
FIELDS = ["pricing", "tiers", "model", "efforts", "sizes", "background", "parameters", "output_format", "price"]
PRICES = st.recursive(
    st.integers(-1, 50) | WORDS,
    lambda inner: st.dictionaries(
        st.sampled_from(["1K", "2K", "1024x1024", "auto", "low", "high", "odd", "credits", "tier", "quality"]), inner
    ),
)
ENTRY = st.dictionaries(st.sampled_from([*GPT, *FIELDS]), JSON | WORDS | PRICES)
PAYLOAD = st.lists(ENTRY | ENTRY.map(lambda entry: GPT | entry)) | JSON


@given(PAYLOAD)
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
        assert all(0 <= price <= 10**9 for price in model.prices.values())
        assert all(model.takes_effort(effort) for effort in (*model.efforts, model.default_effort))
        assert all(words for words in model.options.values())
        json.dumps([model.id, model.name, model.provider, *model.aspect_ratios], ensure_ascii=False).encode()


@given(PAYLOAD)
def test_a_model_that_was_kept_as_json_is_read_as_it_was(payload):
    try:
        models = parse_models(payload)
    except HubGarbled:
        return

    assert parse_models(json.loads(json.dumps([write_model(model) for model in models]))) == models
