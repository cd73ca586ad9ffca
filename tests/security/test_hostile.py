"""Requests that no browser sends, each against the real server: a clear refusal, and everybody else is served on."""

import random
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.postgres import cluster
from tests.security.site import NAME, Site, Visitor

pytestmark = pytest.mark.process

HEAD = f"Host: {NAME}\r\nX-Forwarded-Proto: https\r\n".encode()
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on either database: on PostgreSQL connections are pooled, and so can run out."""
    with ExitStack() as stack:
        url = stack.enter_context(cluster()) if request.param == "postgresql" else ""
        site = Site(tmp_path_factory.mktemp("site"), DATABASE_URL=url)
        site.prepare()
        yield stack.enter_context(site.running())


@pytest.fixture(scope="module")
def anna(site: Site) -> Visitor:
    return Visitor(site).sign_in()


@pytest.mark.parametrize(
    "head",
    [
        b"GET /accounts/login/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /accounts/login/ HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\nHost: evil.example\r\n\r\n",
        b"GET /accounts/login/ HTTP/1.1\r\nHost: " + NAME.encode() + b"@evil.example\r\n\r\n",
        b"GET /accounts/login/ HTTP/1.1\r\nHost:\r\n\r\n",
        b"GET /accounts/login/ HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET /accounts/login/ HTTP/1.1\r\nHost: " + NAME.encode() + b"\r\nX-Forwarded-Host: evil.example\r\n\r\n",
    ],
)
def test_a_host_that_is_not_ours_is_refused(site: Site, head: bytes) -> None:
    answer = site.raw(head)

    assert (answer.status, "evil.example" in answer.words) == (400, False)


def test_a_whole_address_in_the_request_line_changes_no_link(site: Site) -> None:
    answer = site.raw(b"GET http://evil.example/accounts/login/ HTTP/1.1\r\n" + HEAD + b"\r\n")

    assert answer.status == 200
    assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"Content-Length: 3\r\nContent-Length: 8\r\n\r\nabc", 400),
        (b"Content-Length: -1\r\n\r\n", 400),
        (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 411),
        (b"Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"Content-Length: 9999999999\r\n\r\n", 413),
        (b"X: " + b"a" * 600_000 + b"\r\n\r\n", 431),
        (b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + b"\r\n", 431),
    ],
)
def test_a_body_or_head_that_is_not_in_order_is_refused_at_once(site: Site, said: bytes, status: int) -> None:
    began = time.monotonic()

    answer = site.raw(b"POST /accounts/login/ HTTP/1.1\r\n" + HEAD + FORM + said)

    assert answer.status == status
    assert time.monotonic() - began < 5


def test_a_body_without_end_in_chunks_is_not_read(site: Site) -> None:
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as connection:
        connection.sendall(b"POST /accounts/login/ HTTP/1.1\r\n" + HEAD + FORM + b"Transfer-Encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
        sent = 0
        try:
            while sent < 200 * 2**20:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass

    assert sent < 100 * 2**20
    assert site.ask("/healthz").status == 200


def multipart(parts: int, kind: str = 'name="field-{}"', head: str = "") -> tuple[bytes, str]:
    line = "".join(
        f"--edge\r\nContent-Disposition: form-data; {kind.format(number)}\r\n{head}\r\nx\r\n" for number in range(parts)
    )
    return (line + "--edge--\r\n").encode(), "multipart/form-data; boundary=edge"


BOMBS = {
    "fields": multipart(6000),
    "files": multipart(5000, 'name="references"; filename="a{}.png"'),
    "parts without a name": multipart(5000, "x{}"),
    "a part with a large head": multipart(1, head="X: " + "a" * 500_000 + "\r\n"),
    "many heads": multipart(1, head="".join(f"X-{number}: a\r\n" for number in range(5000))),
    "a boundary for each": (b"--e--e--e--e" * 50_000, "multipart/form-data; boundary=e"),
    "no boundary": (b"x" * 1000, "multipart/form-data"),
    "an endless boundary": (b"x" * 1000, "multipart/form-data; boundary=" + "b" * 5000),
    "forms in forms": (
        b"".join(b"--e%d\r\nContent-Type: multipart/mixed; boundary=e%d\r\n\r\n" % (n, n + 1) for n in range(5000)),
        "multipart/form-data; boundary=e0",
    ),
    "base64 that is none": (
        b'--edge\r\nContent-Disposition: form-data; name="a"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n%%%\r\n--edge--",
        "multipart/form-data; boundary=edge",
    ),
    "fields in a plain form": (b"a=b&" * 6000, "application/x-www-form-urlencoded"),
    "a large plain form": (b"a=" + b"b" * 900_000, "application/x-www-form-urlencoded"),
    "an encoding nobody has": (b"a=b", "application/x-www-form-urlencoded; charset=rot13"),
    "nothing of a form": (b"\xff\x00\xfe" * 1000, "application/x-www-form-urlencoded"),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_form_made_to_burst_is_refused_in_words(site: Site, anna: Visitor, what: str) -> None:
    body, kind = BOMBS[what]
    answers = [
        site.ask(place, "POST", body=body, Content_Type=kind, Cookie=anna.cookie, Origin=f"https://{NAME}")
        for place in ("/accounts/login/", "/t/studio-north/generations/")
    ]

    assert {answer.status for answer in answers} <= {400, 403, 413}
    assert all(answer.page.h1 for answer in answers)


@pytest.mark.parametrize("what", ["fields", "files", "fields in a plain form"])
def test_too_many_parts_are_called_too_much(site: Site, what: str) -> None:
    body, kind = BOMBS[what]

    answer = site.ask("/accounts/login/", "POST", body=body, Content_Type=kind)

    assert (answer.status, "too much at once" in answer.words) == (413, True)


def test_nobody_may_send_files_before_signing_in(site: Site) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n\r\n' + b"x" * 2_000

    form = {"Content_Type": "multipart/form-data; boundary=edge", "Content_Length": "2000000"}
    answer = site.ask("/accounts/login/", "POST", body=body, **form)

    assert answer.status == 413
    assert list((Path(site.data) / "uploads").iterdir()) == []


PATHS = [
    "/static/../hubportal/settings.py",
    "/static/%2e%2e/hubportal/settings.py",
    "/static/..%2f..%2fhubportal/settings.py",
    "/static//etc/passwd",
    "/static/css/..%5c..%5chubportal%5csettings.py",
    "/static/%00",
    "/t/%00/",
    "/t/studio-north%00/",
    "/t/studio-north/generations/%00/",
    "/media/00000000-0000-0000-0000-000000000000/..%2f..%2fdb.sqlite3",
    "/admin/accounts/user/%00/change/",
    "/invitations/%00/",
    "/%ff%fe/",
    "/" + "a" * 20_000,
    "/" + "a/" * 5_000,
    "/accounts/login/?next=" + "a" * 20_000,
    "/accounts/login/?next=%00",
    "/accounts/confirm-email/%00/",
    "/accounts/password/reset/key/%00-%00/",
    "/t/studio-north/generations/?cursor=%00&person=%00&state=%00&q=%00",
    "/t/studio-north/gallery/?cursor=%ff&q=%00" + "a" * 5000,
    "/t/studio-north/gallery/?person=99999999999999999999999&date=9999-99-99",
    "/t/studio-north/cards/?ids=%00&id=%00&waiting=%00",
    "/t/studio-north/usage/?month=%00",
    "/t/studio-north/usage.csv?month=99999-01",
    "/t/studio-north/audit/?q=%00&by=%00&action=%00&page=99999999999999999999",
]


@pytest.mark.parametrize("path", PATHS, ids=range(len(PATHS)))
def test_paths_and_queries_out_of_order_find_nothing(site: Site, anna: Visitor, path: str) -> None:
    answers = [visitor.get(path) for visitor in (anna, Visitor(site))]

    assert all(answer.status < 500 for answer in answers), site.log[-2000:]
    assert all(b"SECRET_KEY" not in answer.body and b"root:" not in answer.body for answer in answers)
    assert all(b"SQLite format" not in answer.body for answer in answers)


def test_bytes_at_random_are_no_request(site: Site) -> None:
    dice = random.Random(7)

    for _ in range(20):
        with socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
            connection.sendall(dice.randbytes(400) + b"\r\n\r\n")
            connection.recv(1000)

    assert site.ask("/healthz").status == 200


@pytest.mark.parametrize("kind", ["heads", "bodies", "readers"])
def test_dozens_of_slow_connections_keep_nobody_waiting(site: Site, anna: Visitor, kind: str) -> None:
    static = "/static/admin/js/vendor/xregexp/xregexp.js"
    said = {
        "heads": b"POST /accounts/login/ HTTP/1.1\r\n" + HEAD,
        "bodies": b"POST /accounts/login/ HTTP/1.1\r\n" + HEAD + FORM + b"Content-Length: 500\r\n\r\nlogin=",
        "readers": f"GET {static} HTTP/1.1\r\n".encode() + HEAD + b"\r\n",
    }[kind]
    with ExitStack() as stack:
        for number in range(60):
            slow = stack.enter_context(socket.socket())
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            slow.connect(("127.0.0.1", site.port))
            # Of two people's, so to speak: neither may use up what there is.
            slow.sendall(said.replace(b"Host", b"X-Forwarded-For: 192.0.2.%d\r\nHost" % (number % 2), 1))
        time.sleep(1)
        began = time.monotonic()

        pages = [anna.get("/t/studio-north/", X_Forwarded_For="198.51.100.7") for _ in range(3)]
        took = time.monotonic() - began
    posts = anna.post("/accounts/theme/", {"theme": "dark"})

    assert [page.status for page in pages] == [200, 200, 200]
    assert took < 5
    assert posts.status == 302


def test_slow_bodies_of_one_address_do_not_stop_the_forms_of_others(site: Site, anna: Visitor) -> None:
    said = b"POST /accounts/login/ HTTP/1.1\r\n" + HEAD + FORM + b"Content-Length: 500\r\n\r\nlogin="
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", site.port), 10)) for _ in range(40)]
        for connection in slow:
            connection.sendall(said.replace(b"Host", b"X-Forwarded-For: 192.0.2.1\r\nHost", 1))
        time.sleep(1.5)

        theirs = anna.post("/accounts/theme/", {"theme": "light"}, X_Forwarded_For="198.51.100.7")
        answered, _, _ = select.select(slow, [], [], 5)
        refused = [connection.recv(4000) for connection in answered]

    assert theirs.status == 302
    assert len(refused) == 28
    assert all(said.startswith(b"HTTP/1.1 503 ") and b"retry-after: 5" in said for said in refused)


def test_uploads_that_drip_in_leave_the_database_to_others(site: Site, anna: Visitor) -> None:
    upload = b"POST /t/studio-north/generations/ HTTP/1.1\r\n" + HEAD + f"Cookie: {anna.cookie}\r\n".encode()
    upload += b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: 5000000\r\n\r\n--edge\r\n"
    with ExitStack() as stack:
        for number in range(24):
            slow = stack.enter_context(closing(socket.create_connection(("127.0.0.1", site.port), 10)))
            slow.sendall(upload.replace(b"Host", b"X-Forwarded-For: 192.0.2.%d\r\nHost" % (number % 2), 1))
        time.sleep(1)
        began = time.monotonic()

        pages = [anna.get("/t/studio-north/", X_Forwarded_For="198.51.100.7").status for _ in range(3)]
        took = time.monotonic() - began

    assert pages == [200, 200, 200]
    assert took < 5


def test_none_of_it_was_an_error_of_ours_or_made_the_server_large(site: Site) -> None:
    """What the tests above left behind."""
    assert "Internal Server Error" not in site.log
    assert site.most_memory < 300 * 2**20
