"""The web page, as a browser and a reader meet it."""

from pathlib import Path
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from hubportal.sandbox.faults.injection import FAULTS
from hubportal.sandbox.server import RunningSandbox
from tests.sandbox.caller import Caller, Insider


def page(answer: requests.Response) -> Any:
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def secrets_on(soup: Any) -> list[str]:
    return [code.text for code in soup.select("code.secret")]


def test_it_shows_the_demo_keys_with_their_balances(tmp_path: Path) -> None:
    sandbox = RunningSandbox.start(tmp_path)
    soup = page(requests.get(sandbox.url, timeout=5))
    sandbox.stop()

    cards = {card.strong.text: card for card in soup.select(".keys li")}
    assert list(cards) == ["main", "poor", "expired", "revoked"]
    assert "1,000 credits" in cards["main"].text
    assert "5 credits" in cards["poor"].text
    assert secrets_on(soup) == list(sandbox.hub.demo_keys.values())


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("main", (200, None)),
        ("poor", (200, None)),
        ("expired", (401, "expiredApiKey")),
        ("revoked", (401, "invalidApiKey")),
    ],
)
def test_the_demo_keys_do_what_the_page_says(
    own_sandbox: RunningSandbox, name: str, answer: tuple[int, str | None]
) -> None:
    got = Caller(own_sandbox.url, own_sandbox.hub.demo_keys[name]).ask("GET", "/api/v1/credits")

    assert (got.status_code, got.json().get("error", {}).get("code")) == answer


def test_the_poor_key_can_not_afford_a_picture(own_sandbox: RunningSandbox) -> None:
    answer = Caller(own_sandbox.url, own_sandbox.hub.demo_keys["poor"]).submit()

    assert answer.status_code == 402


def test_it_lists_every_trouble(own_sandbox: RunningSandbox) -> None:
    soup = page(requests.get(own_sandbox.url, timeout=5))

    rows = [(row.dt.text, row.dd.text) for row in soup.select(".faults > div")]
    assert rows == [(fault.written, fault.does) for fault in FAULTS]


def test_the_button_makes_a_working_key_and_shows_it_once(own_sandbox: RunningSandbox) -> None:
    form = page(requests.get(own_sandbox.url, timeout=5)).form

    answer = requests.request(form["method"], own_sandbox.url + form["action"], timeout=5)

    fresh = secrets_on(page(answer))[0]
    assert Caller(own_sandbox.url, fresh).credits() == 500
    assert fresh not in requests.get(own_sandbox.url, timeout=5).text


def test_the_last_generations_are_shown_with_their_words_escaped(caller: Insider) -> None:
    prompt = "<script>alert(1)</script> $secret & \u202eharbour"
    record = caller.submit(prompt, wait=True).json()

    soup = page(requests.get(caller.url, timeout=5))

    newest = soup.select_one(".generations li")
    assert newest.select_one(".prompt").text == prompt
    assert newest.img["src"] in record["images"][0]["url"]
    assert "succeeded, 1 of 1" in newest.text
    assert soup.script is None


def test_the_page_holds_nothing_inline_and_its_policy_forbids_it(own_sandbox: RunningSandbox) -> None:
    answer = requests.get(own_sandbox.url, timeout=5)

    soup = page(answer)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert not soup.select("style, script, [style], [onclick]")
    for link in soup.select("link"):
        assert requests.get(own_sandbox.url + link["href"], timeout=5).status_code == 200


def test_it_names_itself_by_the_address_it_was_asked_at(own_sandbox: RunningSandbox) -> None:
    answer = requests.get(own_sandbox.url, headers={"Host": "sandbox.test:81"}, timeout=5)

    assert "http://sandbox.test:81/api/v1/models" in answer.text


def test_new_keys_are_stored_as_hashes_only(tmp_path: Path) -> None:
    sandbox = RunningSandbox.start(tmp_path)
    minted = sandbox.hub.new_key()
    sandbox.stop()

    written = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert minted.encode() not in written
    assert sandbox.hub.demo_keys["main"].encode() in written
