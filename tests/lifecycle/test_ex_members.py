"""Private pictures of people who left the team: listed for admins, shown to nobody, deleted on request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.picture_bin import purge_bin
from hubportal.generations.models import Generation, Image, Reference, ReferenceFile, State, Visibility
from hubportal.generations.timing import BIN_RETENTION, UNUSED_REFERENCE_RETENTION
from hubportal.lifecycle import tasks
from hubportal.lifecycle.audit_actions import ExMemberAction
from hubportal.lifecycle.ex_members import delete_ex_member_pictures
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Team
from hubportal.usage.models import EntryKind, LedgerEntry
from tests import makers
from tests.gallery.kept import keep
from tests.generations.pages import add_image, put, words

BrowserOf = Callable[[str], Client]
WENT = datetime(2026, 10, 5, 9, tzinfo=UTC)


def address(team: Team, person: Any = None) -> str:
    if person is None:
        return reverse("lifecycle:ex-members", args=[team.slug])
    return reverse("lifecycle:ex-member", args=[team.slug, person.pk])


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def rows(page: BeautifulSoup) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")]
        for row in page.select("tbody tr")
    ]


def made(team: Team, author: Any, *, visibility: str = Visibility.PRIVATE, pictures: int = 1) -> Generation:
    """One that is done, with so many kept pictures, and 8 credits in the ledger."""
    generation = makers.make_generation(team, author, "A secret harbour", visibility=visibility)
    for position in range(pictures):
        keep(generation, position=position)
    LedgerEntry.objects.record(generation.work, EntryKind.CHARGE, 8)
    return put(generation, State.SUCCEEDED)


def bytes_of(generation: Generation) -> int:
    return sum(image.size or 0 for image in generation.images.all())


def files() -> list[Path]:
    return [path for path in Path(default_storage.path("")).rglob("*") if path.is_file()]


def leave(team: Team, person: Any) -> None:
    """The person goes, as the members page writes it down."""
    team.memberships.get(user=person).delete()
    AuditEntry.objects.create(team=team, action=MemberAction.LEFT, by=person, at=WENT)


@pytest.fixture
def secret(cast: SimpleNamespace) -> Generation:
    """Mina's private one with two pictures; she has left."""
    generation = made(cast.team, cast.member, pictures=2)
    leave(cast.team, cast.member)
    return generation


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("admin", 200), ("reviewer", 403), ("stranger", 404), ("nobody", 302)]
)
def test_what_was_left_behind_is_for_owners_and_admins(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation, who: str, status: int
) -> None:
    assert browser_of(who).get(address(cast.team)).status_code == status
    assert browser_of(who).get(address(cast.team, cast.member)).status_code == status


def test_it_is_listed_by_person_with_number_size_and_since_when(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    made(cast.team, cast.reviewer, pictures=1)
    cast.team.memberships.get(user=cast.reviewer).delete()
    AuditEntry.objects.create(team=cast.team, action=MemberAction.REMOVED, about_id=str(cast.reviewer.pk), at=WENT)

    page = page_of(browser_of("admin").get(address(cast.team)))

    size = bytes_of(secret)
    assert [row[:6] for row in rows(page)] == [
        ["Mina", "mina@example.org", "2", f"{size} bytes", "0", "Oct. 5, 2026"],
        ["Rob", "rob@example.org", "1", f"{size // 2} bytes", "0", "Oct. 5, 2026"],
    ]


def test_when_somebody_left_before_the_audit_log_began_it_says_nothing(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    made(cast.team, cast.member)
    cast.team.memberships.get(user=cast.member).delete()

    (row,) = rows(page_of(browser_of("admin").get(address(cast.team))))

    assert row[5] == "–"


@pytest.mark.parametrize("whose", ["everybody's", "hers"])
def test_none_of_it_is_shown(browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation, whose: str) -> None:
    where = address(cast.team, cast.member if whose == "hers" else None)

    shown = browser_of("owner").get(where).content.decode()

    hidden = [str(secret.pk), "secret harbour", *(str(image.pk) for image in secret.images.all())]
    assert not [word for word in hidden if word in shown]
    assert browser_of("owner").get(f"/media/{secret.images.all()[0].pk}/thumb").status_code == 404


def test_what_the_team_shares_and_what_members_have_is_not_among_it(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    made(cast.team, cast.admin)
    made(cast.team, cast.member, visibility=Visibility.TEAM)
    elsewhere = cast.stranger.memberships.get().team
    made(elsewhere, cast.member)
    leave(cast.team, cast.member)

    page = page_of(browser_of("owner").get(address(cast.team)))

    assert not page.select("tbody tr")
    assert "Nothing left behind" in page.main.get_text()


def test_the_consequence_is_said_before(browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation) -> None:
    page = browser_of("admin").get(address(cast.team, cast.member))

    assert "2 private pictures" in words(page, "main")
    assert "can't be brought back" in words(page, "main")
    assert page_of(page).select_one("main form[method=post] [name=csrfmiddlewaretoken]")
    assert Image.objects.count() == 2


def test_deleting_takes_files_and_rows_and_leaves_record_and_credits(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    kept = made(cast.team, cast.admin)
    size = bytes_of(secret)
    assert len(files()) == 9

    response = browser_of("admin").post(address(cast.team, cast.member))

    assert response["Location"] == address(cast.team)
    assert [image.generation for image in Image.objects.all()] == [kept]
    assert len(files()) == 3
    secret.refresh_from_db()
    assert (secret.state, secret.prompt) == (State.SUCCEEDED, "A secret harbour")
    assert sum(entry.credits for entry in LedgerEntry.objects.filter(team=cast.team)) == 16
    entry = AuditEntry.objects.get(action=ExMemberAction.PICTURES_DELETED)
    assert (entry.by, entry.about, entry.detail) == (cast.admin, "Mina", {"pictures": 2, "bytes": size})


def test_their_references_go_unless_somebody_else_uses_the_same_file(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    shared, own = (
        ReferenceFile(
            team=cast.team, added_by=cast.member, sha256=name * 64, content_type="image/png", size=9, width=4, height=3
        )
        for name in "ab"
    )
    for place, stored in enumerate((shared, own)):
        stored.file.save("boat", ContentFile(makers.picture_bytes()))
        Reference.objects.create(generation=secret, stored=stored, position=place, name="boat.png")
    theirs = made(cast.team, cast.admin)
    Reference.objects.create(generation=theirs, stored=shared, position=0, name="boat.png")

    browser_of("owner").post(address(cast.team, cast.member))
    ReferenceFile.objects.delete_unused(timezone.now() + UNUSED_REFERENCE_RETENTION + timedelta(hours=1))

    assert ReferenceFile.objects.get() == shared
    assert Reference.objects.get().generation == theirs


def test_somebody_who_comes_back_has_them_again(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    cast.team.memberships.create(user=cast.member, role="member")

    assert browser_of("admin").get(address(cast.team, cast.member)).status_code == 404
    assert browser_of("admin").post(address(cast.team, cast.member)).status_code == 404

    assert Image.objects.count() == 2
    assert browser_of("member").get(f"/media/{secret.images.all()[0].pk}/thumb").status_code == 200
    assert not AuditEntry.objects.filter(action=ExMemberAction.PICTURES_DELETED).exists()


def test_somebody_who_comes_back_too_late_is_told(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    browser_of("admin").post(address(cast.team, cast.member))
    cast.team.memberships.create(user=cast.member, role="member")

    page = browser_of("member").get(reverse("generations:detail", args=[cast.team.slug, secret.pk]))

    assert page.status_code == 200
    assert "Its pictures were deleted" in words(page, "main")


def test_work_in_flight_is_left_alone(browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation) -> None:
    put(secret, State.RUNNING)

    assert browser_of("admin").post(address(cast.team, cast.member)).status_code == 404

    assert Image.objects.count() == 2


def test_another_teams_admin_deletes_nothing(browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation) -> None:
    elsewhere = cast.stranger.memberships.get().team

    assert browser_of("stranger").post(address(elsewhere, cast.member)).status_code == 404
    assert browser_of("stranger").post(address(cast.team, cast.member)).status_code == 404

    assert Image.objects.count() == 2


def test_a_deletion_that_the_storage_interrupts_shows_nothing_any_more_and_is_finished_later(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete, deleted = FileSystemStorage.delete, []

    def fail_after_one(storage: Any, name: str) -> None:
        if deleted:
            raise OSError("the storage is away")
        deleted.append(name)
        delete(storage, name)

    monkeypatch.setattr(FileSystemStorage, "delete", fail_after_one)
    with pytest.raises(OSError, match="the storage is away"):
        delete_ex_member_pictures(cast.team, cast.member.pk, Actor(cast.admin))
    monkeypatch.undo()
    cast.team.memberships.create(user=cast.member, role="member")
    thumbs = [browser_of("member").get(f"/media/{image.pk}/thumb").status_code for image in secret.images.all()]
    left = len(files())

    tasks.delete_marked_pictures.func()

    assert (thumbs, left) == ([404, 404], 5)
    assert files() == []
    assert not Image.objects.exists()
    assert AuditEntry.objects.filter(action=ExMemberAction.PICTURES_DELETED).count() == 1


def test_what_is_still_to_be_fetched_or_was_given_up_is_not_taken_for_deleted(
    cast: SimpleNamespace, secret: Generation
) -> None:
    add_image(secret, 2)
    add_image(secret, 3, due_at=None)

    tasks.delete_marked_pictures.func()

    assert (Image.objects.count(), len(files())) == (4, 6)


def test_a_picture_kept_as_a_file_that_is_still_tried_for_goes_and_does_not_come_back(
    cast: SimpleNamespace, secret: Generation
) -> None:
    image = makers.keep_as_file(Image.objects.create(generation=secret, team=cast.team, position=7, url="x"))
    Image.objects.filter(pk=image.pk).update(due_at=timezone.now())
    busy = Image.objects.claim_for_download(image.pk)
    assert busy

    delete_ex_member_pictures(cast.team, cast.member.pk, Actor(cast.owner))

    assert not Image.objects.filter(pk=image.pk).exists()
    assert not image.original.storage.exists(image.original.name)
    assert not busy.record_kept_as_file("unreadable")


def test_a_file_that_is_gone_already_stops_nothing(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    Path(secret.images.all()[0].original.path).unlink()

    assert browser_of("admin").post(address(cast.team, cast.member)).status_code == 302

    assert not Image.objects.exists()
    assert files() == []


def test_what_is_in_the_bin_goes_with_it_and_what_was_purged_is_no_longer_counted(
    browser_of: BrowserOf, cast: SimpleNamespace, secret: Generation
) -> None:
    first, second = secret.images.order_by("position")
    for image in (first, second):
        assert image.record_binned(cast.member)
    Image.objects.filter(pk=first.pk).update(binned_at=timezone.now() - BIN_RETENTION)
    purge_bin()

    left = rows(page_of(browser_of("admin").get(address(cast.team))))
    browser_of("admin").post(address(cast.team, cast.member))

    assert left[0][2] == "1"
    assert list(secret.images.values_list("pk", flat=True)) == [first.pk]
    assert files() == []
