"""The search finds what it is meant to find: a canary planted in any disguise, whole or as a run of it."""

import base64
from urllib.parse import urlencode

import pytest

from tests.canary.traces import traces

SECRET = "gih_live_Zk3-q8Xw_0vT5yLr7uPn2bCd"

PLANTED = {
    "a header": f"Authorization: Bearer {SECRET}",
    "twelve characters of it": f"…{SECRET[11:23]}…",
    "a body": urlencode({"secret": SECRET}),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 of a header": base64.b64encode(f"Bearer {SECRET}".encode()).decode(),
    "base64 of something else": base64.b64encode(f"x={SECRET}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"??>{SECRET}".encode()).decode(),
    "hexadecimal": SECRET.encode().hex(),
    "percent": "".join(f"%{ord(letter):02X}" for letter in SECRET),
}


@pytest.mark.parametrize("how", PLANTED)
def test_a_planted_canary_is_found(how: str) -> None:
    assert traces(SECRET, b"\x00\xff before " + PLANTED[how].encode() + b" after")


def test_it_is_found_in_two_byte_characters() -> None:
    assert traces(SECRET, SECRET.encode("utf-16-le"))


@pytest.mark.parametrize("text", [SECRET[-4:], "gih_live_", SECRET[:11], SECRET[-11:], "gih_live_" + "x" * 24])
def test_what_may_be_shown_is_no_trace(text: str) -> None:
    assert traces(SECRET, text.encode()) == []
