"""What leaves compressed, how, and what doesn't."""

import gzip
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
from bs4 import BeautifulSoup
from django.http import FileResponse, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from hubportal.operations.compression import CompressionMiddleware, compress_brotli, compress_gzip, preferred_encoding

Browsers = Callable[[str], Client]
PAGE = b"<p>A red boat in the harbour at dusk.</p>" * 50
READ = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


def through(response: Any, accepts: str = "br, gzip", method: str = "GET") -> Any:
    request = RequestFactory().generic(method, "/", headers={"Accept-Encoding": accepts})
    return CompressionMiddleware(lambda _: response)(request)


@pytest.mark.parametrize(
    ("accepted", "preferred"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("br; q=0.5 , gzip;q=0.5", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("br;q=0, *", "gzip"),
        ("gzip;q=0", ""),
        ("identity", ""),
        ("identity;q=1, br;q=0.5", ""),
        ("identity;q=0, gzip;q=0.5", "gzip"),
        ("deflate", ""),
        ("gzip;q=much", ""),
        (",, ;", ""),
        ("", ""),
    ],
)
def test_the_encoding_is_the_one_the_browser_prefers(accepted: str, preferred: str) -> None:
    assert preferred_encoding(accepted) == preferred

    response = through(HttpResponse(PAGE), accepted)

    assert response.get("Content-Encoding", "") == preferred
    assert READ[preferred](response.content) == PAGE
    assert "Accept-Encoding" in response["Vary"]


def test_its_length_is_that_of_what_is_sent_also_to_head() -> None:
    for method in ("GET", "HEAD"):
        response = through(HttpResponse(PAGE), method=method)

        assert response["Content-Encoding"] == "br"
        assert int(response["Content-Length"]) == len(response.content) < len(PAGE) / 2


@pytest.mark.parametrize("compress", [compress_brotli, compress_gzip])
def test_the_length_of_a_page_tells_little_of_it(compress: Callable[[bytes], bytes]) -> None:
    pages = [compress(PAGE) for _ in range(200)]

    read = brotli.decompress if compress is compress_brotli else gzip.decompress
    assert {read(page) for page in pages} == {PAGE}
    assert len({len(page) for page in pages}) > 50


def test_another_encoding_has_no_strong_tag_of_the_page() -> None:
    response = through(HttpResponse(PAGE, headers={"ETag": '"one"'}))

    assert response["ETag"] == 'W/"one"'


def stream() -> Iterator[bytes]:
    yield PAGE
    raise AssertionError("more was asked for before the first part was sent")


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse(b"short"),
        HttpResponse(PAGE, content_type="image/webp"),
        HttpResponse(PAGE, content_type="application/octet-stream"),
        HttpResponse(PAGE, headers={"Content-Encoding": "gzip"}),
        HttpResponseNotModified(),
        HttpResponse(status=204),
    ],
    ids=["short", "a picture", "bytes", "compressed", "304", "204"],
)
def test_this_is_left_as_it_is(response: HttpResponse) -> None:
    content, encoding = response.content, response.get("Content-Encoding")

    left = through(response)

    assert (left.content, left.get("Content-Encoding")) == (content, encoding)


def test_a_stream_is_passed_on_part_by_part() -> None:
    response = through(StreamingHttpResponse(stream(), content_type="text/csv"))

    assert "Content-Encoding" not in response
    assert next(iter(response)) == PAGE


def test_a_file_is_passed_on(tmp_path: Any) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(PAGE)

    with path.open("rb") as file:
        response = through(FileResponse(file))
        assert "Content-Encoding" not in response
        assert b"".join(response) == PAGE


def test_random_bytes_compress_to_nothing_and_are_sent_as_they_are() -> None:
    noise = bytes(range(256))

    assert through(HttpResponse(noise, content_type="text/plain")).content == noise


def test_a_page_of_the_site_is_compressed_and_its_token_masked_anew_each_time(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    browser = browser_of("member")
    address = reverse("generations:create", args=[cast.team.slug])

    pages = [browser.get(address, headers={"Accept-Encoding": "br"}) for _ in range(2)]

    tokens = [
        BeautifulSoup(brotli.decompress(page.content), "html.parser").select_one("[name=csrfmiddlewaretoken]")["value"]
        for page in pages
    ]
    assert len(set(tokens)) == 2
    assert {page["Content-Encoding"] for page in pages} == {"br"}
    assert all("Accept-Encoding" in page["Vary"] and "Cookie" in page["Vary"] for page in pages)


def test_the_table_of_usage_is_not_held_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = browser_of("owner").get(
        reverse("usage:csv", args=[cast.team.slug]), headers={"Accept-Encoding": "br, gzip"}
    )

    assert response.status_code == 200
    assert response.streaming
    assert "Content-Encoding" not in response
