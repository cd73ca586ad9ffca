"""Many pictures as one ZIP file: whose, under what names, whole or visibly broken, and what its manifest says."""

import csv
import hashlib
import io
import shutil
import subprocess
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.archive.manifest import Manifest
from hubportal.gallery.archive.slots import slots
from hubportal.gallery.archive.stream import ArchiveBroken, Member, PictureArchive
from hubportal.gallery.picture_bin import bin_image
from hubportal.generations.models import Generation, Image, State, Visibility
from hubportal.teams.models import Team
from hubportal.usage.models import Project
from tests.gallery.kept import keep, many, picture
from tests.gallery.reading import parsed
from tests.generations.test_worker import work_until
from tests.makers import keep_as_file, make_generation, make_key

Browsers = Callable[[str], Client]


def download(browser: Client, team: Team, *images: Image | uuid.UUID | str) -> Any:
    chosen = [str(one.pk) if isinstance(one, Image) else str(one) for one in images]
    return browser.post(reverse("gallery:archive", args=[team.slug]), {"image": chosen})


def read(response: Any) -> bytes:
    """To its end, which closes it."""
    return b"".join(response.streaming_content)


def opened(response: Any) -> zipfile.ZipFile:
    """The archive, read to its end; its length is the one that was promised."""
    assert response.status_code == 200
    content = read(response)
    assert len(content) == int(response["Content-Length"])
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def manifest_of(archive: zipfile.ZipFile) -> list[dict[str, str]]:
    text = archive.read("manifest.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def pictures_in(archive: zipfile.ZipFile) -> list[str]:
    return [name for name in archive.namelist() if name != "manifest.csv"]


def test_an_archive_has_the_originals_in_the_order_they_were_chosen(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    images = [
        picture(cast.team, cast.member, "A tram", form="PNG", size=(80, 60)),
        picture(cast.team, cast.owner, "A red boat", form="JPEG"),
        picture(cast.team, cast.owner, "A kite", form="WEBP"),
    ]

    archive = opened(download(browser_of("reviewer"), cast.team, *images, images[0]))

    assert archive.namelist() == ["A-tram-1.png", "A-red-boat-1.jpg", "A-kite-1.webp", "manifest.csv"]
    assert [archive.read(name) for name in pictures_in(archive)] == [one.original.open().read() for one in images]
    assert all(one.compress_type == zipfile.ZIP_STORED for one in archive.infolist())


@pytest.mark.django_db(transaction=True)
def test_the_bytes_are_those_that_the_hub_sent(cast: SimpleNamespace, browser_of: Browsers, sandbox: Any) -> None:
    make_key(cast.team, sandbox.hub.new_key(credits=100), credits=100)
    generation = work_until(make_generation(cast.team, cast.member, n=2, size="1024x1024"), State.SUCCEEDED)
    sent = [urlopen(image.url).read() for image in generation.images.all()]

    archive = opened(download(browser_of("member"), cast.team, *generation.images.all()))

    hashes = [hashlib.sha256(archive.read(name)).hexdigest() for name in pictures_in(archive)]
    assert len(set(hashes)) == 2
    assert hashes == [hashlib.sha256(content).hexdigest() for content in sent]
    assert hashes == [row["sha256"] for row in manifest_of(archive)]


def test_the_manifest_says_what_each_picture_is_and_cost(cast: SimpleNamespace, browser_of: Browsers) -> None:
    project = Project.objects.create(team=cast.team, name="Spring, 2026")
    generation = make_generation(cast.team, cast.member, "A tram,\n“quick”", effort="high", n=2, project=project)
    first, second = keep(generation, size=(64, 48)), keep(generation, position=1)
    now = timezone.now()
    Generation.objects.filter(pk=generation.pk).update(
        state=State.SUCCEEDED, finished_at=now, answered_at=now, due_at=None, hub_id="clx_1", charged=17, tier="2K"
    )

    archive = opened(download(browser_of("owner"), cast.team, first, second))

    rows = manifest_of(archive)
    assert rows[0] == {
        "file": "A-tram-quick-1.png",
        "picture": str(first.pk),
        "prompt": "A tram,\n“quick”",
        "model": "gpt-image-2",
        "size": "64x48",
        "tier": "2K",
        "effort": "high",
        "project": "Spring, 2026",
        "person": "Mina",
        "made": f"{first.created_at:%Y-%m-%dT%H:%M:%S}+00:00",
        "credits": "8.50",
        "sha256": hashlib.sha256(archive.read("A-tram-quick-1.png")).hexdigest(),
        "missing": "",
    }
    assert (rows[1]["file"], rows[1]["picture"]) == ("A-tram-quick-2.png", str(second.pk))


def test_no_prompt_of_the_manifest_becomes_a_formula(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member, '=HYPERLINK("https://evil.example";"A boat")')

    (row,) = manifest_of(opened(download(browser_of("member"), cast.team, image)))

    assert row["prompt"].startswith("'=HYPERLINK")


def test_pictures_that_are_gone_are_named_in_the_manifest_and_break_nothing(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    here, lost, short, deleted = (picture(cast.team, cast.member) for _ in range(4))
    default_storage.delete(str(lost.original))
    Path(short.original.path).write_bytes(b"half of it")
    bin_image(deleted, Actor(cast.owner))
    late = Image.objects.create(generation=here.generation, team=cast.team, position=1, url="https://cdn.example/1")

    archive = opened(download(browser_of("member"), cast.team, lost, here, short, deleted, late))

    assert pictures_in(archive) == ["A-red-boat-1.png"]
    rows = manifest_of(archive)
    assert [row["missing"] for row in rows] == ["lost", "", "lost", "deleted", "not downloaded"]
    assert [row["file"] for row in rows] == ["", "A-red-boat-1.png", "", "", ""]
    assert [bool(row["sha256"]) for row in rows] == [False, True, False, False, False]


def test_what_cannot_be_shown_is_in_it_under_its_own_suffix(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = Image.objects.create(
        generation=make_generation(cast.team, cast.member), team=cast.team, position=0, url="https://cdn.example/1"
    )
    keep_as_file(image, b"no picture at all")

    archive = opened(download(browser_of("member"), cast.team, image))

    assert archive.read("A-red-boat-1.bin") == b"no picture at all"


@pytest.mark.parametrize("who", ["owner", "admin", "reviewer"])
def test_a_private_picture_among_them_is_as_good_as_made_up(
    cast: SimpleNamespace, browser_of: Browsers, who: str
) -> None:
    shared = picture(cast.team, cast.member)
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    answers = [download(browser_of(who), cast.team, shared, one) for one in (private, uuid.uuid4(), "no-id", "\x00")]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert answers[0].content == answers[1].content or len({len(answer.content) for answer in answers[:2]}) == 1
    assert not AuditEntry.objects.filter(action="picture.downloaded").exists()


def test_a_picture_of_another_team_is_in_no_archive(cast: SimpleNamespace, browser_of: Browsers) -> None:
    theirs = picture(Team.objects.get(name="Elsewhere"), cast.stranger)

    assert download(browser_of("owner"), cast.team, theirs).status_code == 404
    assert download(browser_of("stranger"), cast.team, theirs).status_code == 404


def test_the_audit_log_has_how_many_of_the_teams_pictures_were_taken(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    shared = [picture(cast.team, cast.owner) for _ in range(2)]
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    read(download(browser_of("member"), cast.team, *shared, private))
    read(download(browser_of("member"), cast.team, private))

    entry = AuditEntry.objects.get(action="picture.downloaded")
    assert (entry.by, entry.detail) == (cast.member, {"pictures": 2})


def test_nothing_chosen_is_said_in_a_sentence(cast: SimpleNamespace, browser_of: Browsers) -> None:
    response = download(browser_of("member"), cast.team)

    assert response.status_code == 422
    assert "No picture was chosen" in parsed(response).text


def test_five_thousand_pictures_are_one_archive_and_one_more_is_too_many(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    images = many(cast.team, cast.member, 5001)
    mina = browser_of("member")

    archive = opened(download(mina, cast.team, *images[:5000]))
    refused = download(mina, cast.team, *images)

    assert len(manifest_of(archive)) == 5000
    assert {row["missing"] for row in manifest_of(archive)} == {"lost"}
    assert refused.status_code == 422
    assert "at most 5,000 pictures" in parsed(refused).text


def test_a_hundred_pictures_cost_as_many_queries_as_two(cast: SimpleNamespace, browser_of: Browsers) -> None:
    images, mina = many(cast.team, cast.member, 100), browser_of("member")
    read(download(mina, cast.team, *images[:2]))

    counts = []
    for chosen in (images[:2], images):
        with CaptureQueriesContext(connection) as queries:
            read(download(mina, cast.team, *chosen))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_names_are_unlike_on_every_system(cast: SimpleNamespace, browser_of: Browsers) -> None:
    prompts = ["A red boat", "a RED boat", "CON", "été", "e\u0301te\u0301", "🦊", "con", "A red boat 1", "../../etc/x"]
    images = [picture(cast.team, cast.member, prompt) for prompt in prompts]

    names = pictures_in(opened(download(browser_of("member"), cast.team, *images)))

    assert names == [
        *("A-red-boat-1.png", "a-RED-boat-2.png", "CON-1.png", "été-1.png", "été-2.png", "picture-1.png"),
        *("con-2.png", "A-red-boat-1-1.png", "etc-x-1.png"),
    ]


def test_only_so_many_archives_are_sent_to_one_person_at_once(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image, mina = picture(cast.team, cast.member), browser_of("member")
    running = [download(mina, cast.team, image) for _ in range(2)]

    refused = download(mina, cast.team, image)
    for one in running:
        read(one)

    assert (refused.status_code, refused["Retry-After"]) == (503, "30")
    assert "Other archives are being downloaded" in parsed(refused).text
    assert len(opened(download(mina, cast.team, image)).namelist()) == 2
    assert slots.take(cast.member.pk)
    slots.give_back(cast.member.pk)


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_it_is_sent(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    response = download(browser_of("member"), cast.team, image)
    blocks = iter(response.streaming_content)

    next(blocks)

    assert not connection.in_atomic_block
    # SQLite's is a file of this process, for which nobody waits.
    assert connection.vendor == "sqlite" or connection.connection is None
    for _block in blocks:
        pass


# A stream, by itself ---------------------------------------------------------------------------------------------


def archive_of(*contents: bytes) -> tuple[PictureArchive, list[Member]]:
    members = []
    for place, content in enumerate(contents):
        name = default_storage.save(f"pictures/1/{place}.png", ContentFile(content))
        members.append(Member(f"{place}.png", name, len(content)))
    listed = Manifest()
    listed.write([])
    return PictureArchive(members, listed), members


@pytest.mark.parametrize("harm", ["gone", "cut short"])
def test_a_file_that_goes_meanwhile_ends_the_stream_short_of_its_length(harm: str) -> None:
    archive, members = archive_of(b"x" * 300_000, b"y" * 300_000)
    blocks = iter(archive)
    count = len(next(blocks))
    if harm == "gone":
        default_storage.delete(members[1].file)
    else:
        Path(default_storage.path(members[1].file)).write_bytes(b"y" * 1000)

    rest: list[int] = []
    with pytest.raises(ArchiveBroken):
        rest.extend(map(len, blocks))
    archive.close()

    assert 0 < count + sum(rest) < archive.length


def test_a_file_that_grew_meanwhile_is_sent_as_long_as_it_was() -> None:
    archive, members = archive_of(b"x" * 1000)
    Path(default_storage.path(members[0].file)).write_bytes(b"x" * 2000)

    content = b"".join(archive)
    archive.close()

    assert len(content) == archive.length


def test_more_than_four_gigabytes_are_zip64_and_of_the_length_that_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of holes: nothing is read but zeros."""
    archive, members = archive_of(b"x")
    archive.close()
    path = Path(default_storage.path(members[0].file))
    with path.open("r+b") as file:
        file.truncate(2**31 + 5)
    size = path.stat().st_size
    listed = Manifest()
    listed.write([])
    packed = PictureArchive([Member(f"{place}.png", members[0].file, size) for place in range(3)], listed)

    count, tail = 0, b""
    for block in packed:
        count += len(block)
        tail = (tail + block)[-200_000:]
    packed.close()

    assert count == packed.length > 3 * 2**31
    assert b"PK\x06\x06" in tail


@pytest.mark.process
@pytest.mark.parametrize("command", [["unzip", "-t"], ["7z", "t"]], ids=["Info-ZIP", "7-Zip"])
def test_others_open_it(cast: SimpleNamespace, browser_of: Browsers, tmp_path: Path, command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    images = [picture(cast.team, cast.member, prompt) for prompt in ("A boat", "قارب أحمر صغير", "été")]
    response = download(browser_of("member"), cast.team, *images)
    file = tmp_path / "gallery.zip"
    file.write_bytes(read(response))

    done = subprocess.run([*command, str(file)], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "A-boat-1.png" in done.stdout or "Everything is Ok" in done.stdout
