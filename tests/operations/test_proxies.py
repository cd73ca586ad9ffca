"""TRUSTED_PROXIES: whose word is taken about who asks, how, and for which host."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from hubportal.audit.models import AuditEntry
from hubportal.operations.middleware import RequestIdMiddleware
from hubportal.operations.proxies import TrustedProxiesMiddleware, parse_proxies
from tests.migrated import start_migrated
from tests.security.site import NAME, Site

NEAR, FAR, PERSON, OTHER = "10.0.0.7", "10.1.2.3", "198.51.100.7", "203.0.113.9"


def told(request: HttpRequest) -> HttpResponse:
    forwarded = [name for name in request.META if name.startswith("HTTP_X_FORWARDED")]
    return JsonResponse(
        [request.META["REMOTE_ADDR"], request.scheme, request.META.get("HTTP_HOST"), forwarded], safe=False
    )


def seen(peer: str, hops: str = "", **headers: str) -> list[Any]:
    """Address, scheme and host that the site sees, and what is left of the proxies' headers."""
    given = {"REMOTE_ADDR": peer, "HTTP_HOST": "here.example", "HTTP_X_FORWARDED_FOR": hops} | headers
    request = RequestFactory().get("/", headers=None, **given)
    answer: list[Any] = json.loads(TrustedProxiesMiddleware(told)(request).content)
    return answer


@pytest.fixture(autouse=True)
def _trusted(settings: Any) -> None:
    settings.TRUSTED_PROXIES = parse_proxies([NEAR, " 10.1.0.0/16 ", "fd00::/8", ""])


def test_nobody_else_is_believed() -> None:
    said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.example"}

    assert seen(PERSON, OTHER, **said) == [PERSON, "http", "here.example", []]


def test_a_trusted_proxy_is_believed_in_all_three() -> None:
    said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "site.example"}

    assert seen(NEAR, PERSON, **said) == [PERSON, "https", "site.example", []]


@pytest.mark.parametrize(
    ("hops", "person"),
    [
        (PERSON, PERSON),
        (f"{OTHER}, {PERSON}", PERSON),  # what stands before was written by the person
        (f"{NEAR}, {PERSON}", PERSON),
        (f"{OTHER}, {PERSON}, {FAR}", PERSON),
        (f"{PERSON}, {FAR}, {NEAR}", PERSON),
        (f"{FAR}, {NEAR}", FAR),  # nobody but proxies: the farthest
        ("", NEAR),
        ("nonsense", NEAR),
        (f"{PERSON}, nonsense", NEAR),
        (f"{PERSON}, unknown, {FAR}", FAR),
        (f"{PERSON}:51234", PERSON),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:db8::7%eth0", "2001:db8::7"),
        (f"::ffff:{PERSON}", PERSON),
        (f"{PERSON}, fd00::1", PERSON),
        (f",, {PERSON} ,", PERSON),
        ("a" * 5000, NEAR),
    ],
)
def test_the_nearest_hop_that_is_not_trusted_is_the_person(hops: str, person: str) -> None:
    assert seen(NEAR, hops)[0] == person


def request_id(peer: str, given: str) -> str:
    """The id that the answer carries."""
    pipeline = TrustedProxiesMiddleware(RequestIdMiddleware(told))  # type: ignore[arg-type]
    return pipeline(RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_REQUEST_ID=given)).headers["X-Request-Id"]


@pytest.mark.parametrize("given", ["0123456789abcdef0123456789abcdef", "7f1c3a52-0f43-4b7e-9d0e-6d6c1d6f2a10"])
def test_a_request_keeps_the_id_that_a_trusted_proxy_gave_it_and_no_other(given: str) -> None:
    assert request_id(NEAR, given) == given
    assert request_id(PERSON, given) not in {given, ""}


@pytest.mark.parametrize("given", ["short", "with a space in it", "a" * 65, 'quote"quote"', "line\nline-line", ""])
def test_an_id_of_another_form_is_replaced(given: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", request_id(NEAR, given))


def test_a_peer_mapped_into_ipv6_is_the_same_proxy() -> None:
    assert seen(f"::ffff:{NEAR}", PERSON)[0] == PERSON


@pytest.mark.parametrize(
    ("said", "scheme"), [("https", "https"), ("http, https", "https"), ("https, http", "http"), ("gopher", "http")]
)
def test_the_last_word_on_the_scheme_counts(said: str, scheme: str) -> None:
    assert seen(NEAR, PERSON, HTTP_X_FORWARDED_PROTO=said)[1] == scheme


def test_a_socket_is_believed_only_where_it_is_named(settings: Any) -> None:
    untrusted = seen("", PERSON, HTTP_X_FORWARDED_PROTO="https")
    settings.TRUSTED_PROXIES = parse_proxies(["unix"])
    trusted = seen("", f"{OTHER}, {PERSON}", HTTP_X_FORWARDED_PROTO="https")

    assert untrusted == ["", "http", "here.example", []]
    assert trusted[:2] == [PERSON, "https"]


def test_without_proxies_the_peer_is_the_person(settings: Any) -> None:
    settings.TRUSTED_PROXIES = ()

    assert seen(NEAR, PERSON)[0] == NEAR


@pytest.mark.django_db
def test_the_audit_log_names_the_person_and_not_the_proxy(browser_of: Any, team: Any) -> None:
    anna: Client = browser_of("owner")
    place = reverse("teams:require-two-factor", args=[team.slug])

    anna.post(place, {"required": ""}, REMOTE_ADDR=NEAR, HTTP_X_FORWARDED_FOR=f"{OTHER}, {PERSON}")
    anna.get(reverse("teams:audit-csv", args=[team.slug]), REMOTE_ADDR=NEAR, HTTP_X_FORWARDED_FOR=f"{OTHER}, {PERSON}")

    assert AuditEntry.objects.latest("pk").address == PERSON


@pytest.mark.django_db
def test_tries_to_sign_in_are_counted_by_person(client: Client) -> None:
    def attempt(hops: str) -> int:
        said = {"login": "x@example.org", "password": "wrong wrong"}
        return client.post("/accounts/login/", said, REMOTE_ADDR=NEAR, HTTP_X_FORWARDED_FOR=hops).status_code

    tries = [attempt(f"192.0.2.{number}, {PERSON}") for number in range(40)]
    other = attempt(OTHER)

    assert tries[-1] == 429
    assert other == 422


@pytest.mark.parametrize("entry", ["proxy.example.org", "10.0.0.1/24", "10.0.0.0/33", "10.0.0", "*"])
def test_an_entry_that_is_no_address_stops_the_start(entry: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES names"):
        parse_proxies([NEAR, entry])


@pytest.mark.process
def test_the_server_gives_the_peers_address_and_the_site_believes_it(tmp_path: Any) -> None:
    site = Site(tmp_path, TRUSTED_PROXIES="192.0.2.1", SITE_URL=f"http://{NAME}")
    start_migrated(tmp_path)
    site.manage("migrate", "--verbosity=0")
    with site.running():
        honest = site.ask("/accounts/login/")
        spoofed = site.ask("/accounts/login/", X_Forwarded_For="192.0.2.1", X_Forwarded_Host="evil.example")

    assert (honest.status, spoofed.status) == (200, 200)
    assert b"evil.example" not in spoofed.body
