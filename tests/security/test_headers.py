"""The headers and cookies of every kind of answer, under production settings, from the server that serves them."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.site import NAME, PASSWORD, Answer, Site, Visitor

pytestmark = pytest.mark.process

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "strict-transport-security": "max-age=3600",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def broken(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same site, without the table that sign-in counts its tries in."""
    data = tmp_path_factory.mktemp("broken")
    shutil.copytree(prepared, data, dirs_exist_ok=True)
    with sqlite3.connect(data / "db.sqlite3") as database:
        database.execute("DROP TABLE cache")
    database.close()
    with Site(data).running() as site:
        yield site


def ask(kind: str, site: Site, anna: Visitor) -> Answer:
    """One answer of each kind that there is."""
    answers = {
        "a page": lambda: anna.get("/t/studio-north/"),
        "a page for nobody": lambda: site.ask("/accounts/login/"),
        "a page's head alone": lambda: site.ask("/accounts/login/", "HEAD"),
        "a redirect to the sign-in": lambda: site.ask("/t/studio-north/"),
        "a redirect after a form": lambda: anna.post("/accounts/theme/", {"theme": "dark"}),
        "a form with errors": lambda: anna.post("/t/studio-north/generations/"),
        "nothing new": lambda: anna.get("/t/studio-north/cards/"),
        "a table": lambda: anna.get("/t/studio-north/usage.csv"),
        "style": lambda: site.ask("/static/css/account.css"),
        "a script": lambda: site.ask("/static/js/theme.js"),
        "no such file": lambda: site.ask("/static/none.css"),
        "health": lambda: site.ask("/healthz"),
        "numbers": lambda: site.ask("/metrics"),
        "400": lambda: site.ask("/accounts/login/", Host="evil.example"),
        "403": lambda: site.ask("/accounts/login/", "POST", body=b"a=b", **FORM),
        "404": lambda: site.ask("/nothing/here/"),
        "404 of a team": lambda: anna.get("/t/elsewhere/"),
        "404 of the admin": lambda: anna.get("/admin/"),
        "405": lambda: anna.post("/t/studio-north/usage/"),
        "411": lambda: site.ask("/accounts/login/", "POST", Transfer_Encoding="chunked", body=b"0\r\n\r\n"),
        # Announced and never sent: the server answers and hangs up without reading it.
        "413": lambda: site.ask("/accounts/login/", "POST", Content_Length="1100000", **FORM),
    }
    return answers[kind]()


STATUSES = {
    "a page": 200,
    "a page for nobody": 200,
    "a page's head alone": 200,
    "a redirect to the sign-in": 302,
    "a redirect after a form": 302,
    "a form with errors": 422,
    "nothing new": 204,
    "a table": 200,
    "style": 200,
    "a script": 200,
    "no such file": 404,
    "health": 200,
    "numbers": 200,
    "400": 400,
    "403": 403,
    "404": 404,
    "404 of a team": 404,
    "404 of the admin": 404,
    "405": 405,
    "411": 411,
    "413": 413,
}


@pytest.mark.parametrize("kind", STATUSES)
def test_every_kind_of_answer_carries_the_headers(site: Site, anna: Visitor, kind: str) -> None:
    answer = ask(kind, site, anna)

    assert answer.status == STATUSES[kind]
    check(answer)
    shared = kind in {"style", "a script"}
    assert ("no-store" in answer.headers["cache-control"]) is not shared


def test_an_error_of_ours_carries_them_too_and_tells_nothing(broken: Site) -> None:
    answer = Visitor(broken).post("/accounts/login/", {"login": "anna@example.org", "password": PASSWORD})

    assert answer.status == 500
    check(answer)
    assert "no-store" in answer.headers["cache-control"]
    assert not any(word in answer.words for word in ("Traceback", "cache", "sqlite", PASSWORD))


def check(answer: Answer) -> None:
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert set(answer.headers["content-security-policy"].split("; ")) == POLICY
    assert "access-control-allow-origin" not in answer.headers
    assert "x-powered-by" not in answer.headers


def test_plain_http_is_led_to_https_with_the_headers_it_may_have(site: Site) -> None:
    led = site.ask("/t/studio-north/?a=b", X_Forwarded_Proto="http")
    refused = site.ask("/t/studio-north/", X_Forwarded_Proto="http", Host="evil.example")

    plain = EVERYWHERE | {"strict-transport-security": None}
    assert (led.status, led.headers["location"]) == (301, f"https://{NAME}/t/studio-north/?a=b")
    assert refused.status == 400
    for answer in (led, refused):
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == plain
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.cookies == []


def test_machines_may_ask_for_health_without_https(site: Site) -> None:
    assert [site.ask(path, X_Forwarded_Proto="http").status for path in ("/healthz", "/readyz", "/metrics")] == [
        200
    ] * 3


def test_cookies_are_bound_to_this_host_and_out_of_reach_of_scripts(site: Site) -> None:
    visitor = Visitor(site)
    said = [*visitor.get("/accounts/login/").cookies]
    said += visitor.post("/accounts/login/", {"login": "anna@example.org", "password": PASSWORD}).cookies

    cookies = {cookie.partition("=")[0]: {part.strip().lower() for part in cookie.split(";")[1:]} for cookie in said}
    assert set(cookies) >= {"__Host-session", "__Host-csrf"}
    for name, marks in cookies.items():
        assert name.startswith("__Host-"), name
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= marks, name
        assert not any(mark.startswith("domain") for mark in marks)


def test_the_session_is_another_one_after_signing_in_and_gone_after_signing_out(site: Site) -> None:
    visitor = Visitor(site)
    visitor.cookies["__Host-session"] = "chosenbysomebodyelse0123456789ab"
    visitor.get("/accounts/login/")
    visitor.sign_in()
    within = visitor.cookies["__Host-session"]
    assert visitor.get("/t/studio-north/").status == 200

    visitor.post("/accounts/logout/")
    visitor.cookies["__Host-session"] = within

    assert within != "chosenbysomebodyelse0123456789ab"
    assert visitor.get("/t/studio-north/").status == 302
