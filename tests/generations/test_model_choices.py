"""What a model's entry declares, from the form to the hub: efforts, further parameters, sizes, and what they cost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from hubportal.generations import decisions
from hubportal.generations.models import Generation, State
from hubportal.generations.problems import SubmissionRefused
from hubportal.keys.models import CachedModelList
from hubportal.usage.models import Reservation
from tests import makers
from tests.generations.pages import one, put, read, submit, words

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]

VARIED = {
    "id": "varied",
    "name": "Varied",
    "efforts": ["auto", "low", "xhigh"],
    "tiers": ["1K", "2K"],
    "credits": {"1K": {"low": 4, "xhigh": 30}, "2K": {"low": 8, "xhigh": 60}},
    "parameters": {"background": ["auto", "opaque", "transparent"], "output_format": {"enum": ["png", "webp"]}},
}
PLAIN = {"id": "plain", "name": "Plain", "efforts": [], "credits": 5}


@pytest.fixture
def offer(settings: Any) -> Callable[..., None]:
    def offered(*entries: dict[str, Any]) -> None:
        CachedModelList.objects.update_or_create(
            pk=1,
            defaults={
                "hub_url": settings.HUB_BASE_URL,
                "models_read": list(entries),
                "read_at": timezone.now(),
            },
        )

    offered(VARIED, PLAIN)
    return offered


@pytest.fixture
def mina(cast: SimpleNamespace, browser_of: Browsers, offer: Callable[..., None]) -> Client:
    makers.make_key(cast.team)
    return browser_of("member")


def create_page(client: Client, cast: SimpleNamespace, query: str = "") -> HttpResponse:
    return client.get(f"/t/{cast.team.slug}/{query}")


def chosen(response: HttpResponse, field: str) -> str:
    return str(one(response, f"[name={field}] [selected]")["value"])


# What is offered -------------------------------------------------------------------------------------------


def test_the_pickers_offer_what_the_models_declare(mina: Client, cast: SimpleNamespace):
    page = create_page(mina, cast)

    assert [one["value"] for one in read(page).select("#id_quality option")] == ["auto", "low", "xhigh"]
    efforts = [option.span.get_text() for option in read(page).select("#id_quality option")]
    assert efforts == ["Auto", "Low", "Extra high"]
    assert words(page, "#id_background") == "Auto Opaque Transparent"
    assert words(page, "#id_output_format") == "Auto PNG WebP"
    assert not read(page).select(".pick[hidden]")


def test_a_model_without_efforts_and_parameters_shows_no_picker_for_them(
    mina: Client, cast: SimpleNamespace, offer: Callable[..., None]
):
    offer(PLAIN, VARIED)

    page = create_page(mina, cast)

    hidden = [label.select("select")[0]["name"] for label in read(page).select(".pick[hidden]")]
    assert hidden == ["quality", "background", "output_format"]


def test_without_scripts_the_price_follows_the_effort_when_it_is_checked(mina: Client, cast: SimpleNamespace):
    prices = [
        words(submit(mina, cast.team, model="varied", quality=effort, n="2", preview="1"), "#price")
        for effort in ("auto", "low", "xhigh")
    ]

    assert prices == ["· 60 credits", "· 8 credits", "· 60 credits"]


# What is asked ---------------------------------------------------------------------------------------------


def test_what_is_chosen_is_kept_priced_and_reserved(mina: Client, cast: SimpleNamespace):
    asked = {"quality": "xhigh", "background": "transparent", "output_format": ""}

    submit(mina, cast.team, model="varied", size="2048x2048", n="2", **asked)

    made = Generation.objects.get()
    assert (made.effort, made.options) == ("xhigh", {"background": "transparent"})
    assert made.parameters.options == {"background": "transparent"}
    assert made.expected_credits == 120
    assert Reservation.objects.get().credits == 120


@pytest.mark.parametrize(
    ("asked", "field", "sentence"),
    [
        ({"model": "varied", "quality": "high"}, "quality", "Varied doesn't offer this effort. Choose another one."),
        (
            {"model": "plain", "quality": "low"},
            "quality",
            "Plain has no levels of effort to choose from. Choose Auto.",
        ),
        (
            {"model": "varied", "background": "plaid"},
            "background",
            "Varied doesn't offer “Background: plaid”. Choose another one, or Auto.",
        ),
        (
            {"model": "plain", "output_format": "webp"},
            "output_format",
            "Plain doesn't offer “File type: WebP”. Choose another one, or Auto.",
        ),
        (
            {"model": "plain", "style": "vivid"},
            "style",
            "Plain doesn't offer “Style: Vivid”. Choose another one, or Auto.",
        ),
    ],
)
def test_what_the_chosen_model_does_not_take_stops_the_order_at_its_field(
    mina: Client, cast: SimpleNamespace, asked: dict[str, str], field: str, sentence: str
):
    response = submit(mina, cast.team, **asked)

    assert response.status_code == 422
    assert words(response, f"#id_{field}_error") == sentence
    assert not Generation.objects.exists()
    if field != "style":
        assert one(response, f"#id_{field}")["aria-describedby"] == f"id_{field}_error"
        assert not read(response).select(f".pick[hidden] #id_{field}")


@pytest.mark.parametrize("quality", [None, "", "auto"])
def test_a_model_without_efforts_is_sent_auto(mina: Client, cast: SimpleNamespace, quality: str | None):
    submit(mina, cast.team, model="plain", quality=quality)

    assert Generation.objects.get().effort == "auto"


def test_where_auto_is_no_effort_the_models_first_one_is_chosen(
    mina: Client, cast: SimpleNamespace, offer: Callable[..., None]
):
    offer({"id": "plain", "efforts": ["standard", "hd"], "credits": {"standard": 5, "hd": 9}})

    assert chosen(create_page(mina, cast), "quality") == "standard"
    submit(mina, cast.team, model="plain")

    made = Generation.objects.get()
    assert (made.effort, made.expected_credits) == ("standard", 5)


def test_a_model_nobody_has_heard_of_takes_any_size_by_the_rule(
    mina: Client, cast: SimpleNamespace, offer: Callable[..., None]
):
    offer({"id": "tomorrow"})

    submit(mina, cast.team, model="tomorrow", size="1552x528")
    refused = submit(mina, cast.team, model="tomorrow", size="1600x512")

    assert words(refused, "#id_size_error") == "tomorrow doesn't make this size. Choose another one."
    made = Generation.objects.get()
    assert (made.model, made.size, made.expected_credits) == ("tomorrow", "1552x528", None)
    again = create_page(mina, cast, f"?again={made.pk}")
    assert chosen(again, "size") == "1552x528"


# Again -----------------------------------------------------------------------------------------------------


def test_using_it_again_refills_effort_and_parameters(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, model="varied", quality="xhigh", background="opaque")

    again = create_page(mina, cast, f"?again={Generation.objects.get().pk}")

    assert (chosen(again, "quality"), chosen(again, "background")) == ("xhigh", "opaque")
    assert chosen(again, "output_format") == ""
    assert words(again, "#price") == "· 30 credits"


def test_trying_again_asks_for_the_same_at_todays_price(
    mina: Client, cast: SimpleNamespace, offer: Callable[..., None]
):
    submit(mina, cast.team, model="varied", quality="low", background="opaque")
    failed = Generation.objects.get()
    failed.record_refused("generationFailed", "")
    offer(VARIED | {"credits": {"low": 7, "xhigh": 30}})

    again = decisions.retry_generation(failed, cast.member).generation

    assert (again.effort, again.options, again.expected_credits) == ("low", {"background": "opaque"}, 7)


def test_trying_again_what_the_model_no_longer_takes_is_refused(
    mina: Client, cast: SimpleNamespace, offer: Callable[..., None]
):
    submit(mina, cast.team, model="varied", background="opaque")
    failed = Generation.objects.get()
    failed.record_refused("generationFailed", "")
    offer(VARIED | {"parameters": {}})

    with pytest.raises(SubmissionRefused) as refusal:
        decisions.retry_generation(failed, cast.member)

    assert [problem.code for problem in refusal.value.problems] == ["option-not-offered"]


def test_the_same_form_with_another_parameter_is_another_order(mina: Client, cast: SimpleNamespace):
    token = "7e0b0c1e-7f3c-4b8e-9c55-0a3c5a1c2f11"
    for background in ("opaque", "opaque", "transparent"):
        submit(mina, cast.team, model="varied", background=background, token=token)

    assert [made.options["background"] for made in Generation.objects.order_by("created_at")] == [
        "opaque",
        "transparent",
    ]


# What is told ----------------------------------------------------------------------------------------------


def test_its_page_tells_what_was_asked_delivered_and_charged(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, model="varied", size="1024x1024", quality="xhigh", background="transparent")
    made = put(Generation.objects.get(), State.SUCCEEDED, tier="1K", aspect_ratio="1:1", charged=28)

    page = mina.get(f"/t/{cast.team.slug}/generations/{made.pk}/")

    rows = [" ".join(row.get_text(" ").split()) for row in read(page).select(".facts > div")]
    assert "Size Square, 1024 × 1024 asked, 1:1 · 1K delivered" in rows
    assert {
        "Effort Extra high",
        "Background Transparent",
        "Price at the time 30 credits",
        "Credits 28 charged The hub charged 28, we expected 30.",
    } <= {*rows}
