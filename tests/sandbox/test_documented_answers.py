"""The sandbox against the examples and tables of shared/hub-api.md, field by field."""

import re
from io import BytesIO

import pytest
import requests
from PIL import Image

from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Caller, Insider

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HUB_ID = re.compile(r"clx_\w+")


def test_an_asynchronous_submission_is_answered_like_the_example(caller: Insider) -> None:
    answer = caller.submit(size="1024x1024", quality="high")

    record = answer.json()
    assert answer.status_code == 202
    assert list(record) == [
        "object", "id", "status", "model", "aspect_ratio", "quality", "created_at", "images", "usage", "poll_url",
    ]  # fmt: skip
    assert HUB_ID.fullmatch(record.pop("id"))
    assert MOMENT.fullmatch(record.pop("created_at"))
    assert re.fullmatch(re.escape(caller.url) + r"/api/v1/generations/clx_\w+", record.pop("poll_url"))
    assert record == {
        "object": "image_generation",
        "status": "queued",
        "model": "gpt-image-2",
        "aspect_ratio": "1:1",
        "quality": "1K",
        "images": [],
        "usage": {"credits": 0, "credits_requested": 8},
    }


def test_a_waiting_submission_is_answered_like_the_example(caller: Insider) -> None:
    answer = caller.submit(wait=True)

    record = answer.json()
    assert answer.status_code == 200
    assert list(record) == [
        "object", "id", "status", "model", "aspect_ratio", "quality", "images", "usage", "balance",
    ]  # fmt: skip
    assert HUB_ID.fullmatch(record.pop("id"))
    [image] = record.pop("images")
    assert list(image) == ["id", "object", "url", "created_at"]
    assert image["object"] == "image"
    assert image["url"] == f"{caller.url}/images/{image['id']}.png"
    assert MOMENT.fullmatch(image["created_at"])
    assert record == {
        "object": "image_generation",
        "status": "succeeded",
        "model": "gpt-image-2",
        "aspect_ratio": "1:1",
        "quality": "1K",
        "usage": {"credits": 8},
        "balance": {"credits": 992, "account_type": "PRO", "next_expiration": None},
    }


def test_polling_reads_the_same_shape_as_the_waiting_answer(caller: Insider) -> None:
    finished = caller.submit(wait=True).json()

    polled = caller.look(finished["id"])

    assert polled.status_code == 200
    assert polled.json() == finished


def test_a_running_record_has_the_shape_of_the_202_but_for_its_poll_url(caller: Insider) -> None:
    accepted = caller.submit("[slow 60]").json()

    record = caller.look(accepted["id"]).json()

    accepted.pop("poll_url")
    assert record == accepted


def test_a_failed_record_says_why_and_costs_nothing(caller: Insider) -> None:
    record = caller.outcome(caller.submit('[fail "Too many cooks"]').json()["id"])

    assert record["error"] == {"message": "Too many cooks", "code": "generationFailed"}
    assert (record["status"], record["images"], record["usage"]) == ("failed", [], {"credits": 0})


def test_statuses_go_from_queued_to_processing_to_succeeded(caller: Insider) -> None:
    hub_id = caller.submit("[slow 2]").json()["id"]
    seen: list[str] = []

    while "succeeded" not in seen:
        status = caller.look(hub_id).json()["status"]
        seen += [status] if status not in seen else []

    assert seen == ["queued", "processing", "succeeded"]


def test_the_models_are_those_of_the_documented_table(own_sandbox: RunningSandbox) -> None:
    answer = requests.get(f"{own_sandbox.url}/api/v1/models", timeout=5)

    listed = {model["id"]: model for model in answer.json()["data"]}
    facts = {
        name: (m["name"], m["provider"], m["supported_qualities"], m["reference_image_limit"])
        for name, m in listed.items()
    }
    assert facts == {
        "gpt-image-2": ("GPT IMAGE 2", "openai", ["1K", "2K", "4K"], 16),
        "nanobanana": ("Nano Banana", "gemini", ["1K"], 3),
        "nanobanana2": ("Nano Banana 2", "gemini", ["1K", "2K", "4K"], 14),
        "nanobananapro": ("Nano Banana Pro", "gemini", ["1K", "2K", "4K"], 14),
    }
    assert listed["gpt-image-2"]["credits_per_image"] == {"1K": 8, "2K": 10, "4K": 12}
    ratios = "auto 1:1 4:3 3:4 3:2 2:3 16:9 9:16 5:4 4:5 21:9 9:21 2:1 1:2 3:1 1:3"
    assert " ".join(listed["gpt-image-2"]["supported_aspect_ratios"]) == ratios
    assert all(set(m["credits_per_image"]) == set(m["supported_qualities"]) for m in listed.values())


def test_credits_are_those_of_the_keys_owner(own_sandbox: RunningSandbox) -> None:
    expiry = "2030-01-01T00:00:00.000Z"
    first = own_sandbox.hub.new_key(credits=112, account_type="TEAM", owner="Ada", next_expiration=expiry)
    second = own_sandbox.hub.new_key(owner="Ada")

    answers = [Caller(own_sandbox.url, key).ask("GET", "/api/v1/credits").json() for key in (first, second)]

    assert answers == [{"credits": 112, "account_type": "TEAM", "next_expiration": expiry}] * 2


@pytest.mark.parametrize("path", ["/api/v1/models", "/api/v1/credits", "/api/v1/nothing", "/api/health"])
def test_every_answer_says_that_it_is_the_sandbox(own_sandbox: RunningSandbox, path: str) -> None:
    answer = requests.get(own_sandbox.url + path, timeout=5)

    assert answer.headers["X-Hub-Sandbox"] == "1"


def test_images_are_png_of_the_size_find_faults_and_need_no_key(caller: Insider) -> None:
    record = caller.submit(size="1536x1024", n=2, wait=True).json()

    answers = [requests.get(image["url"], timeout=5) for image in record["images"]]

    assert [answer.headers["Content-Type"] for answer in answers] == ["image/png"] * 2
    assert [Image.open(BytesIO(answer.content)).size for answer in answers] == [(1536, 1024)] * 2
    assert answers[0].content != answers[1].content
    assert record["usage"] == {"credits": 16}
