"""Reading records whose shape the hub's documentation leaves open (hub-api.md, Open)."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.errors import HubGarbled
from hubportal.hub.records import Balance, ImageRecord, parse_balance, parse_generation
from tests.hub.examples import ACCEPTED, FINISHED

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def strange_versions_of(example: dict) -> st.SearchStrategy:
    """The example with any of its fields replaced by anything, at the top or wrapped once more."""
    replaced = st.dictionaries(st.sampled_from([*example, "size", "error", "data", "generation"]), JSON)
    strange = replaced.map(lambda changes: example | changes)
    return st.one_of(strange, strange.map(lambda record: {"data": record}), JSON)


@given(strange_versions_of(ACCEPTED) | strange_versions_of(FINISHED))
def test_whatever_json_comes_a_record_is_read_or_called_garbled(payload):
    try:
        record = parse_generation(payload, "https://hub.example/")
    except HubGarbled:
        return
    assert record.outcome in ("running", "succeeded", "failed")
    assert record.tier in ("", "1K", "2K", "4K")
    assert record.credits is None or 0 <= record.credits <= 10**9
    assert all(image.url.lower().startswith(("http://", "https://")) for image in record.images)
    storable(record)


@given(strange_versions_of({"credits": 7, "account_type": "PRO", "next_expiration": None, "balance": {}}))
def test_whatever_json_comes_a_balance_is_read_or_called_garbled(payload):
    try:
        balance = parse_balance(payload)
    except HubGarbled:
        return
    assert balance.credits is None or 0 <= balance.credits <= 10**9
    storable(balance)


def storable(record) -> None:
    """Every text of the record goes into UTF-8 and PostgreSQL, every time is aware."""
    for value in json.loads(json.dumps(dataclasses.asdict(record), default=str)).values():
        text = json.dumps(value, ensure_ascii=False)
        text.encode()
        assert "\\u0000" not in text
    for name in ("created_at", "next_expiration"):
        moment = getattr(record, name, None)
        assert moment is None or moment.utcoffset() == timedelta(0)


@pytest.mark.parametrize("word", ["succeeded", "Completed", "complete", "success", "done", "FINISHED", " succeeded "])
def test_words_for_success_are_taken_for_it(word):
    record = parse_generation(FINISHED | {"status": word})

    assert (record.outcome, record.status) == ("succeeded", word.strip())


@pytest.mark.parametrize("word", ["failed", "Error", "errored", "cancelled", "canceled", "rejected", "expired"])
def test_words_for_failure_are_taken_for_it(word):
    assert parse_generation(FINISHED | {"status": word}).outcome == "failed"


@pytest.mark.parametrize("word", ["queued", "processing", "in_progress", "dreaming", "", None, 7, ["succeeded"], True])
def test_a_word_we_do_not_know_means_still_running_even_with_pictures(word):
    record = parse_generation(FINISHED | {"status": word})

    assert record.outcome == "running"
    assert len(record.images) == 1


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        ({"code": "generationFailed", "message": "No luck."}, "generationFailed", "No luck."),
        ({"message": "No luck."}, "", "No luck."),
        ("No luck.", "", "No luck."),
        (None, "", ""),
        ([], "", ""),
        ({"code": 7, "message": {"en": "No luck."}}, "7", ""),
        (
            {"code": "c" * 999, "message": "two\nlines\x00 and " + "m" * 9999},
            "c" * 64,
            ("two lines and " + "m" * 9999)[:1000],
        ),
    ],
)
def test_a_failed_record_may_carry_its_error_in_any_shape(error, code, message):
    record = parse_generation({"id": "clx_1", "status": "failed", "error": error})

    assert (record.outcome, record.error_code, record.error_message) == ("failed", code, message)


def test_a_failed_record_may_carry_no_error_at_all():
    record = parse_generation({"id": "clx_1", "status": "failed"})

    assert (record.error_code, record.error_message) == ("", "")


@pytest.mark.parametrize(
    ("said", "ratio", "tier"),
    [
        ({"aspect_ratio": "16:9", "quality": "2K"}, "16:9", "2K"),
        ({"aspectRatio": "16:9", "quality": "4k"}, "16:9", "4K"),
        ({"size": "1024x1536", "quality": "high"}, "2:3", "1K"),
        ({"size": "3840x2160", "quality": "auto"}, "16:9", "4K"),
        ({"size": "1024x1024", "aspect_ratio": "9:16", "quality": "2K"}, "9:16", "2K"),
        ({"size": "auto", "quality": "high"}, "", ""),
        ({"quality": 2}, "", ""),
        ({}, "", ""),
    ],
)
def test_both_dialects_of_size_and_quality_are_read(said, ratio, tier):
    record = parse_generation({"id": "clx_1", "status": "queued"} | said)

    assert (record.aspect_ratio, record.tier) == (ratio, tier)


@pytest.mark.parametrize(
    ("said", "credits"),
    [(8, 8), (0, 0), (8.0, 8), ("8", 8), (10**9, 10**9)]
    + [(value, None) for value in (-1, 7.5, True, 10**9 + 1, 1e300, float("nan"), "eight", "-8", None, [8], {"a": 8})],
)
def test_credits_are_a_whole_number_of_a_plausible_size_or_unknown(said, credits):
    record = parse_generation(FINISHED | {"usage": {"credits": said, "creditsRequested": said}})

    assert (record.credits, record.credits_requested) == (credits, credits)


@pytest.mark.parametrize("usage", [None, 8, [], "8"])
def test_usage_may_be_missing_or_no_object(usage):
    assert parse_generation(FINISHED | {"usage": usage}).credits is None


@pytest.mark.parametrize("hub_id", ["clx_1", "a.b-C_9", "x" * 128, "...a"])
def test_an_id_that_is_a_safe_path_segment_is_taken(hub_id):
    assert parse_generation({"id": hub_id}).id == hub_id


@pytest.mark.parametrize(
    "hub_id", ["", ".", "..", "...", "a/b", "a\\b", "a?b", "a#b", "a%2e", "é", "a b", "a\n", "x" * 129, 7, None, ["a"]]
)
def test_an_id_that_is_not_a_safe_path_segment_is_garbled(hub_id):
    with pytest.raises(HubGarbled):
        parse_generation(FINISHED | {"id": hub_id})


@pytest.mark.parametrize("under", ["data", "generation"])
def test_a_record_may_be_wrapped_once(under):
    assert parse_generation({under: FINISHED}) == parse_generation(FINISHED)


def test_pictures_without_a_web_address_are_left_out_and_the_others_kept():
    entries = [
        {"id": "a", "url": "https://cdn.example/a.png?sig=%2f", "createdAt": 1777536000},
        {"id": "b"},
        {"id": "c", "url": "data:image/png;base64,AAAA"},
        {"id": "d", "url": "//cdn.example/d.png"},
        {"id": "e", "url": "javascript:alert(1)"},
        {"id": "f", "url": "https://cdn.example/\nHost: evil"},
        {"id": "g", "url": "https://" + "x" * 5000},
        {"id": "h", "url": ["https://cdn.example/h.png"]},
        "https://cdn.example/i.png",
        {"url": "HTTP://cdn.example/j.png"},
        None,
        7,
    ]

    record = parse_generation(FINISHED | {"images": entries})

    assert record.images == (
        ImageRecord("a", "https://cdn.example/a.png?sig=%2f", datetime(2026, 4, 30, 8, tzinfo=UTC)),
        ImageRecord("", "https://cdn.example/i.png", None),
        ImageRecord("", "HTTP://cdn.example/j.png", None),
    )


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("/images/a.png?sig=%2f", "https://hub.example/images/a.png?sig=%2f"),
        ("a.png", "https://hub.example/v2/a.png"),
        ("//cdn.example/a.png", "https://cdn.example/a.png"),
        ("https://cdn.example/a.png", "https://cdn.example/a.png"),
        *((value, "") for value in ("", " ", "data:image/png;base64,AAAA", "javascript:1", "file:///etc/passwd")),
        *(
            (value, "")
            for value in ("/a b.png", "/a\nb.png", "\\\\cdn.example\\a.png", "//[::1/a.png", "/" + "x" * 5000)
        ),
        *((value, "") for value in ("/\x00.png", "/\ud800.png", 7, None, ["/a.png"])),
    ],
)
def test_an_address_without_a_host_is_the_hubs_own(said, address):
    record = parse_generation(FINISHED | {"images": [{"url": said}]}, "https://hub.example/v2/")

    assert [image.url for image in record.images] == ([address] if address else [])


@pytest.mark.parametrize("images", [None, {}, "https://cdn.example/a.png", 7])
def test_pictures_that_are_no_list_are_none(images):
    assert parse_generation(FINISHED | {"images": images}).images == ()


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-04-30T08:00:00.000Z", datetime(2026, 4, 30, 8, tzinfo=UTC)),
        ("2026-04-30T10:00:00+02:00", datetime(2026, 4, 30, 8, tzinfo=UTC)),
        ("2026-04-30T08:00:00", datetime(2026, 4, 30, 8, tzinfo=UTC)),
        (1777536000, datetime(2026, 4, 30, 8, tzinfo=UTC)),
        (1777536000000, datetime(2026, 4, 30, 8, tzinfo=UTC)),
    ],
)
def test_times_are_read_as_utc(said, moment):
    record = parse_generation(FINISHED | {"created_at": said})

    assert record.created_at == moment


@pytest.mark.parametrize("said", ["yesterday", "", "0001-01-01T00:00:00+14:00", 1e30, float("inf"), True, None, {}])
def test_what_is_no_time_is_none(said):
    assert parse_generation(FINISHED | {"created_at": said}).created_at is None


EXPIRES = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        {"credits": 112, "account_type": "PRO", "next_expiration": "2026-06-01T00:00:00Z"},
        {"balance": {"credits": 112, "account_type": "PRO", "next_expiration": "2026-06-01T00:00:00Z"}},
        {"balance": 112, "accountType": "PRO", "nextExpiration": "2026-06-01T00:00:00Z"},
        {"object": "balance", "balance": {"credits": 112.0}, "account_type": "PRO", "next_expiration": 1780272000},
        {"data": {"credits": "112", "account_type": "PRO", "next_expiration": "2026-06-01T00:00:00Z"}},
        {"data": {"balance": {"credits": 112, "account_type": "PRO", "next_expiration": "2026-06-01"}}},
    ],
)
def test_the_balance_is_found_at_the_top_or_under_balance(payload):
    assert parse_balance(payload) == Balance(112, "PRO", EXPIRES)


def test_a_balance_may_tell_only_a_part():
    assert parse_balance({"account_type": "PRO", "credits": -3}) == Balance(None, "PRO", None)


@pytest.mark.parametrize(
    "payload", [{}, [], None, 112, "112", {"balance": None}, {"message": "hello"}, {"credits": -1}]
)
def test_an_answer_that_tells_nothing_of_a_balance_is_garbled(payload):
    with pytest.raises(HubGarbled):
        parse_balance(payload)


@pytest.mark.parametrize("balance", [None, {}, "much", []])
def test_a_record_without_a_balance_has_none(balance):
    assert parse_generation(FINISHED | {"balance": balance}).balance is None


def test_records_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_generation(FINISHED).status = "failed"  # type: ignore[misc]
