"""An archive of pictures, by the very server: whole, or visibly not, and nothing left of whoever went away."""

import http.client
import io
import os
import socket
import time
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.commands.launched import processes
from tests.postgres import cluster
from tests.security.site import NAME, Site, Visitor

pytestmark = pytest.mark.process

PLACE = "/t/studio-north/gallery.zip"
# More than the sockets between here and there hold.
SIZE = 24 * 2**20
THREADS = 8
# Makes a picture of SIZE bytes in the site's own database and storage, and says its id.
MAKE = f"""
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from hubportal.generations.models import Generation, Image
from hubportal.teams.models import Team
team = Team.objects.get()
generation = Generation.objects.create(team=team, author=team.memberships.get().user, prompt="A boat", model="m")
name = default_storage.save("pictures/large.png", ContentFile(b"x" * {SIZE}))
image = Image.objects.create(generation=generation, team=team, position=0, url="u", original=name, thumb="t.webp",
    content_type="image/png", size={SIZE}, width=3, height=2, kept_at=timezone.now())
print(image.pk, default_storage.path(name))
"""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of few threads, on either database: on PostgreSQL a connection that is held is one that others lack."""
    with ExitStack() as stack:
        url = stack.enter_context(cluster()) if request.param == "postgresql" else ""
        site = Site(tmp_path_factory.mktemp("site"), DATABASE_URL=url, GRANIAN_BLOCKING_THREADS=str(THREADS))
        site.prepare()
        yield stack.enter_context(site.running())


@pytest.fixture(scope="module")
def anna(site: Site) -> Visitor:
    return Visitor(site).sign_in()


@pytest.fixture
def picture(site: Site) -> tuple[uuid.UUID, Path]:
    """Its id and its file."""
    pk, path = site.manage("shell", "--no-imports", "-c", MAKE).stdout.split()
    return uuid.UUID(pk), Path(path)


def ask(anna: Visitor, *pks: uuid.UUID) -> http.client.HTTPResponse:
    """The archive, of which nothing but the head was read yet; to be closed, and with it the connection."""
    fields = [("csrfmiddlewaretoken", anna.cookies["__Host-csrf"]), *(("image", str(pk)) for pk in pks)]
    body = urlencode(fields).encode()
    head = {"Host": NAME, "X-Forwarded-Proto": "https", "Origin": f"https://{NAME}", "Cookie": anna.cookie}
    head |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", anna.site.port))
        connection.sendall(f"POST {PLACE} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
    return answer


def serving_process(site: Site) -> int:
    (worker,) = (pid for pid, parent in processes().items() if parent == site.pid)
    return worker


def open_files(site: Site) -> list[str]:
    """What the serving process has open below the media folder or the folder of temporary files."""
    folder = Path(f"/proc/{serving_process(site)}/fd")
    targets = []
    for link in folder.iterdir():
        try:
            targets.append(os.readlink(link))
        except FileNotFoundError:
            continue
    return [target for target in targets if "/media/" in target or "/uploads/" in target]


def wait_until_closed(site: Site) -> None:
    deadline = time.monotonic() + 60
    while open_files(site):
        assert time.monotonic() < deadline, open_files(site)
        time.sleep(0.05)


def test_it_comes_whole_and_as_long_as_it_said(site: Site, anna: Visitor, picture: tuple[uuid.UUID, Path]) -> None:
    with closing(ask(anna, picture[0])) as answer:
        content = answer.read()

    assert (answer.status, int(answer.headers["Content-Length"])) == (200, len(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.read("A-boat-1.png") == picture[1].read_bytes()
    wait_until_closed(site)


def test_one_whose_file_is_cut_short_meanwhile_breaks_off(
    site: Site, anna: Visitor, picture: tuple[uuid.UUID, Path]
) -> None:
    with closing(ask(anna, picture[0])) as answer:
        answer.read(100_000)
        os.truncate(picture[1], 8 * 2**20)

        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()

    assert answer.status == 200
    wait_until_closed(site)


def test_who_goes_away_in_the_middle_leaves_neither_files_open_nor_threads_taken(
    site: Site, anna: Visitor, picture: tuple[uuid.UUID, Path]
) -> None:
    for _number in range(2 * THREADS):
        with closing(ask(anna, picture[0])) as answer:
            answer.read(100_000)
        wait_until_closed(site)

    with closing(ask(anna, picture[0])) as answer:
        assert (answer.status, len(answer.read())) == (200, int(answer.headers["Content-Length"]))


def test_who_reads_slowly_leaves_pages_to_others(site: Site, anna: Visitor, picture: tuple[uuid.UUID, Path]) -> None:
    with ExitStack() as stack:
        for _number in range(2):
            assert stack.enter_context(closing(ask(anna, picture[0]))).status == 200
        answer = stack.enter_context(closing(ask(anna, picture[0])))
        pages = [anna.get("/t/studio-north/gallery/").status for _ in range(THREADS)]

        assert answer.status == 503
        assert pages == [200] * THREADS
    wait_until_closed(site)
