"""The streaming form: exact, in small pieces, and light."""

import io
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubportal.hub.multipart import MultipartBody, ReferencePart, ReferenceReadError
from tests.hub.conftest import Visit
from tests.hub.examples import ACCEPTED


def part(
    content: bytes, name: str = "a.png", content_type: str = "image/png", size: int | None = None
) -> ReferencePart:
    return ReferencePart(name, content_type, len(content) if size is None else size, lambda: io.BytesIO(content))


@given(
    st.lists(st.tuples(st.just("prompt"), st.text(st.characters(codec=None)))),
    st.lists(st.builds(part, st.binary(), st.text(st.characters(codec=None)), st.text())),
)
def test_the_length_said_is_the_length_sent(fields, parts):
    body = MultipartBody(fields, [("reference_image", each) for each in parts])

    assert len(body) == len(b"".join(body))


def test_it_can_be_sent_again_from_the_start():
    body = MultipartBody([("n", "1")], [("reference_image", part(b"picture"))])

    assert b"".join(body) == b"".join(body)


def test_files_are_read_in_small_pieces():
    body = MultipartBody([], [("reference_image", part(bytes(1_000_000)))])

    assert max(len(piece) for piece in body) == 64 * 1024


def test_a_file_that_gives_less_than_asked_for_is_read_on():
    class Reluctant(io.BytesIO):
        def read(self, size=-1, /):
            return super().read(min(size, 3))

    whole = ReferencePart("a.png", "image/png", 10, lambda: Reluctant(b"0123456789"))

    assert b"\r\n\r\n0123456789\r\n--" in b"".join(MultipartBody([], [("reference_image", whole)]))


def test_a_file_that_is_longer_than_said_is_sent_as_long_as_said():
    sent = b"".join(MultipartBody([], [("reference_image", part(b"0123456789", size=4))]))

    assert b"\r\n\r\n0123\r\n--" in sent


@pytest.mark.parametrize("content", [b"", b"123"])
def test_a_file_that_is_shorter_than_said_breaks_the_sending(content):
    with pytest.raises(ReferenceReadError, match="early"):
        b"".join(MultipartBody([], [("reference_image", part(content, size=4))]))


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("closed file"), RuntimeError("anything")])
def test_a_file_that_cannot_be_read_breaks_the_sending_under_our_name(error):
    def open_nothing():
        raise error

    with pytest.raises(ReferenceReadError) as caught:
        b"".join(MultipartBody([], [("reference_image", ReferencePart("a", "image/png", 4, open_nothing))]))

    assert caught.value.__cause__ is error


def test_a_hostile_file_name_stays_inside_its_quotes():
    name = 'a".png\r\nContent-Type: text/html\r\n\r\n\x00<b>\ud800 漢字'

    (_, head, *_) = MultipartBody([], [("reference_image", part(b"x", name))])

    disposition, content_type = head.decode().split("\r\n")[1:3]
    assert disposition == (
        'Content-Disposition: form-data; name="reference_image"; '
        'filename="a%22.png%0D%0AContent-Type: text/html%0D%0A%0D%0A<b>? 漢字"'
    )
    assert content_type == "Content-Type: image/png"


@pytest.mark.parametrize("content_type", ["image/png\r\nX: y", "", "picture", "image/png; charset=x"])
def test_a_content_type_that_is_none_is_not_sent(content_type):
    (_, head, *_) = MultipartBody([], [("reference_image", part(b"x", "a", content_type))])

    assert head.endswith(b"\r\nContent-Type: application/octet-stream\r\n\r\n")


SEND_SIXTEEN = """
import json, resource, sys
from pathlib import Path
from hubportal.hub.client import HubClient, ReferencePart, GenerationParameters

url, folder = sys.argv[1:]
client = HubClient(url, "gih_live_0123456789")
paths = sorted(Path(folder).glob("*.png"))
parts = [ReferencePart(p.name, "image/png", p.stat().st_size, lambda p=p: p.open("rb")) for p in paths]
client.submit(GenerationParameters("gpt-image-2", "warm up"), parts[:1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
client.submit(GenerationParameters("gpt-image-2", "sixteen"), parts[1:])
print(json.dumps({"kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before}))
"""


@pytest.mark.process
def test_sixteen_references_of_50_mb_cost_only_a_few_mb_of_memory(serve, tmp_path):
    received = []

    def discard(visit: Visit) -> None:
        visit.read_head()
        left, piece = int(visit.headers["Content-Length"]), bytearray(1 << 20)
        received.append(left)
        while left and (got := visit.sock.recv_into(piece)):
            left -= got
        visit.send(202, json.dumps(ACCEPTED).encode())

    for number in range(17):
        with (tmp_path / f"{number:02}.png").open("wb") as file:
            file.truncate(50_000_000 if number else 1000)
    hub = serve(discard)

    # A process starts with the peak of the one it was forked from: the shell's is small, that of the tests is not.
    through_a_shell = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", SEND_SIXTEEN, hub.url, str(tmp_path)]
    told = subprocess.run(through_a_shell, capture_output=True, check=True, timeout=60)

    assert received[1] > 16 * 50_000_000
    assert json.loads(told.stdout)["kilobytes"] < 8 * 1024
