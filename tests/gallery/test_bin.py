"""Deleting a picture: who may, that it then shows nowhere, the way back, and what is left after seven days."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.favourites import mark_favourite
from hubportal.gallery.models import Favourite
from hubportal.gallery.picture_bin import NotInBin, bin_image, purge_bin, restore_image
from hubportal.generations import timing
from hubportal.generations.models import Generation, Image, State, Visibility
from hubportal.lifecycle.file_check import check_files
from tests.gallery.kept import keep, picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures
from tests.makers import make_generation

Browsers = Callable[[str], Client]


def place(name: str, image: Image) -> str:
    return reverse(f"gallery:{name}", args=[image.team.slug, image.pk])


def delete(browser: Client, image: Image) -> Any:
    return browser.post(place("deletion", image), follow=True)


def in_bin(browser: Client, team: Any) -> list[str]:
    page = parsed(browser.get(reverse("gallery:bin", args=[team.slug])))
    return [str(image["data-image"]) for image in page.select(".bin-item img")]


def done(generation: Generation) -> None:
    """As if the hub had answered and every picture were here."""
    now = timezone.now()
    Generation.objects.filter(pk=generation.pk).update(
        state=State.SUCCEEDED, finished_at=now, answered_at=now, due_at=None, hub_id=f"clx_{generation.pk}", charged=8
    )


def expire(image: Image) -> None:
    """Its seven days are over."""
    Image.objects.filter(pk=image.pk).update(binned_at=timezone.now() - timing.BIN_RETENTION - timedelta(minutes=1))


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
def test_who_made_a_picture_and_admins_delete_it(cast: SimpleNamespace, browser_of: Browsers, who: str) -> None:
    image = picture(cast.team, cast.member)

    said = delete(browser_of(who), image)

    image.refresh_from_db()
    assert image.binned_by == getattr(cast, who)
    assert "Moved to the bin." in parsed(said).select_one("#messages").text  # type: ignore[union-attr]
    entry = AuditEntry.objects.get(action="picture.deleted")
    assert (entry.by, entry.about_id) == (getattr(cast, who), str(image.pk))


@pytest.mark.parametrize("who", ["member", "reviewer"])
def test_nobody_else_deletes_it(cast: SimpleNamespace, browser_of: Browsers, who: str) -> None:
    image = picture(cast.team, cast.owner)

    assert browser_of(who).post(place("deletion", image)).status_code == 403

    image.refresh_from_db()
    assert image.binned_at is None


def test_a_private_picture_is_its_authors_to_delete_and_nobody_elses_business(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    image = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)

    assert browser_of("admin").post(place("deletion", image)).status_code == 404
    delete(browser_of("member"), image)

    assert in_bin(browser_of("member"), cast.team) == [str(image.pk)]
    assert in_bin(browser_of("admin"), cast.team) == []
    assert browser_of("admin").post(place("restoration", image)).status_code == 404
    assert not AuditEntry.objects.filter(action__startswith="picture.").exists()


def test_a_deleted_picture_shows_nowhere(cast: SimpleNamespace, browser_of: Browsers) -> None:
    generation = make_generation(cast.team, cast.owner, n=2)
    gone, stays = keep(generation), keep(generation, position=1)
    done(generation)
    bin_image(gone, Actor(cast.owner))

    mina = browser_of("member")
    detail = mina.get(reverse("generations:detail", args=[cast.team.slug, generation.pk]))
    card = mina.get(reverse("generations:card", args=[cast.team.slug, generation.pk]))
    create = mina.get(reverse("generations:create", args=[cast.team.slug]))
    history = mina.get(reverse("generations:list", args=[cast.team.slug]))

    assert shown_pictures(open_gallery(mina, cast.team)) == [str(stays.pk)]
    for page in (detail, card, create, history):
        files = {str(image["src"]).split("/")[2] for image in parsed(page).select("img[src^='/media/']")}
        assert files == {str(stays.pk)}
    assert all("1 picture was deleted" in parsed(page).text for page in (detail, card, create, history))
    assert mina.get(place("picture", gone)).status_code == 404
    for kind in ("original", "thumb", "download"):
        assert mina.get(reverse("media", args=[gone.pk, kind])).status_code == 404
        assert browser_of("owner").get(reverse("media", args=[gone.pk, kind])).status_code == 200


def test_where_every_picture_was_deleted_the_card_says_so_and_until_when_it_comes_back(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    image = picture(cast.team, cast.member)
    done(image.generation)
    version = Generation.objects.get(pk=image.generation_id).version
    bin_image(image, Actor(cast.member))

    card = browser_of("owner").get(reverse("generations:card", args=[cast.team.slug, image.generation_id]))

    why = parsed(card).select_one(".why")
    assert why is not None
    assert "Its picture was deleted. Until " in why.text
    assert parsed(card).select("img") == []
    assert Generation.objects.get(pk=image.generation_id).version > version


def test_right_after_it_can_be_undone(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)
    mina = browser_of("member")

    undo = parsed(delete(mina, image)).select_one("#messages form")
    assert undo is not None
    back = mina.post(str(undo["action"]), follow=True)

    assert back.redirect_chain[-1][0] == place("picture", image)
    assert shown_pictures(open_gallery(mina, cast.team)) == [str(image.pk)]
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
        "picture.deleted",
        "picture.restored",
    ]


def test_from_its_generations_page_one_stays_there(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    answer = browser_of("member").post(place("deletion", image), {"back": "generation"})

    assert answer["Location"] == reverse("generations:detail", args=[cast.team.slug, image.generation_id])


def test_the_bin_says_who_deleted_what_when_and_how_long_it_stays(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mine, theirs = picture(cast.team, cast.member, "A tram"), picture(cast.team, cast.owner, "A boat")
    for image in (mine, theirs):
        bin_image(image, Actor(cast.owner))

    page = parsed(browser_of("member").get(reverse("gallery:bin", args=[cast.team.slug])))

    item = page.select_one(".bin-item")
    assert item is not None
    assert "A tram" in item.text
    assert "Deleted by Anna" in item.text
    assert "Stays until" in item.text
    assert in_bin(browser_of("member"), cast.team) == [str(mine.pk)]
    assert in_bin(browser_of("admin"), cast.team) == [str(theirs.pk), str(mine.pk)]


def test_after_seven_days_its_files_go_and_the_rest_says_that_it_was(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    gone, stays, young = (picture(cast.team, cast.member) for _ in range(3))
    for image in (gone, stays, young):
        done(image.generation)
    files = [gone.original.name, gone.thumb.name]
    for image in (gone, young):
        mark_favourite(image, cast.owner)
        bin_image(image, Actor(cast.member))
    expire(gone)

    purge_bin()

    gone.refresh_from_db()
    assert gone.purged_at is not None
    assert (gone.labels, Favourite.objects.get().image) == ("", young)
    assert not any(default_storage.exists(str(name)) for name in files)
    assert [fault.name for fault in check_files()] == []
    assert in_bin(browser_of("member"), cast.team) == [str(young.pk)]
    assert browser_of("member").post(place("restoration", gone)).status_code == 404
    assert browser_of("member").get(reverse("media", args=[gone.pk, "thumb"])).status_code == 404
    card = browser_of("member").get(reverse("generations:card", args=[cast.team.slug, gone.generation_id]))
    assert parsed(card).select_one(".why p").text == "Its picture was deleted."  # type: ignore[union-attr]
    assert stays.original.storage.exists(stays.original.name)


def test_what_a_crash_left_of_a_purge_is_finished_and_not_restored(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(cast.team, cast.member)
    bin_image(image, Actor(cast.member))
    expire(image)
    monkeypatch.setattr(Image, "delete_stored", lambda image: (_ for _ in ()).throw(OSError("storage is away")))
    with pytest.raises(OSError, match="away"):
        purge_bin()
    monkeypatch.undo()

    with pytest.raises(NotInBin):
        restore_image(image, Actor(cast.member))
    purge_bin()

    image.refresh_from_db()
    assert (image.purged_at is not None, image.original.name) == (True, "")


def test_a_second_deletion_and_a_second_restoration_change_nothing(cast: SimpleNamespace) -> None:
    image = picture(cast.team, cast.member)

    assert bin_image(image, Actor(cast.member))
    assert not bin_image(image, Actor(cast.owner))
    restore_image(image, Actor(cast.member))
    with pytest.raises(NotInBin):
        restore_image(image, Actor(cast.member))

    assert AuditEntry.objects.filter(action__startswith="picture.").count() == 2


@pytest.mark.parametrize("changes", [{"binned_at": timezone.now()}, {"purged_at": timezone.now()}])
def test_the_database_refuses_half_a_deletion(cast: SimpleNamespace, changes: dict[str, Any]) -> None:
    image = picture(cast.team, cast.member)

    with pytest.raises(IntegrityError), transaction.atomic():
        Image.objects.filter(pk=image.pk).update(**changes)
