"""Tags: put on pictures and taken off, completed, found by, renamed, merged and deleted."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.label_repair import repair_labels
from hubportal.gallery.models import ImageTag, Tag
from hubportal.gallery.tags import ending as tag_ending
from hubportal.gallery.tags.changes import delete_tag, merge_tag
from hubportal.gallery.tags.ending import anything_ending, finish_endings
from hubportal.gallery.tags.tagging import add_tags, read_names, tags_on
from hubportal.generations.models import Image
from tests.gallery.kept import many, picture
from tests.gallery.reading import found, open_gallery, parsed

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def image(cast: SimpleNamespace) -> Image:
    return picture(cast.team, cast.member)


def place_of(image: Image) -> str:
    return reverse("gallery:picture-tags", args=[image.team.slug, image.pk])


def page_of(name: str, tag: Tag) -> str:
    return reverse(f"gallery:{name}", args=[tag.team.slug, tag.pk])


def names_on(image: Image) -> list[str]:
    return [tag.name for tag in tags_on(image)]


def chips(response: Any) -> list[str]:
    return [chip.get_text(strip=True) for chip in parsed(response).select(".tag > a")]


# On pictures --------------------------------------------------------------------------------------------------------


def test_several_tags_are_put_on_at_once_and_shown(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    browser = browser_of("member")

    response = browser.post(place_of(image), {"tags": " Boat,  golden   hour , boat,"}, follow=True)

    assert response.redirect_chain == [
        (reverse("gallery:picture", args=[cast.team.slug, image.pk]) + "#tags", 302),
    ]
    assert chips(response) == ["Boat", "golden hour"]
    assert names_on(image) == ["Boat", "golden hour"]
    assert found(browser, cast.team, tag="boat") == {"A red boat"}
    assert not AuditEntry.objects.exists()


def test_a_tag_of_the_team_is_the_same_in_any_case(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    other = picture(cast.team, cast.owner, "A tram")
    browser_of("member").post(place_of(image), {"tags": "Straße"})

    browser_of("owner").post(place_of(other), {"tags": "STRASSE"})

    assert names_on(other) == names_on(image) == ["Straße"]
    assert Tag.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write at least one tag"),
        (" , ,", "Write at least one tag"),
        ("a" * 61, "at most 60 characters"),
        ("boat, " + "b" * 300, "at most 60 characters"),
        ("boat\x07", "control characters"),
        ("\u202egnp.exe", "turn the writing round"),
        ("\u200b", "at least one letter"),
        ("b," * 600, "at most 1000 characters"),
    ],
)
def test_what_can_be_no_tag_is_told_with_the_form(browser_of: Browsers, image: Image, typed: str, said: str) -> None:
    response = browser_of("member").post(place_of(image), {"tags": typed})

    assert response.status_code == 422
    error = parsed(response).select_one(".tags .field-error")
    assert error is not None
    assert said in error.text
    field = parsed(response).select_one("[name=tags]")
    assert field is not None
    assert field.get("value", "") == typed
    assert not Tag.objects.exists()


def test_a_nul_is_refused_as_any_control_character(browser_of: Browsers, image: Image) -> None:
    assert browser_of("member").post(place_of(image), {"tags": "bo\0at"}).status_code == 422


def test_markup_is_shown_as_text(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    response = browser_of("member").post(place_of(image), {"tags": "<b>boat</b>"}, follow=True)

    assert chips(response) == ["<b>boat</b>"]


def test_emoji_and_every_script_are_tags(image: Image) -> None:
    add_tags(image, read_names("👩‍🚀、夕焼け، قارب"))

    assert set(names_on(image)) == {"👩‍🚀", "夕焼け", "قارب"}


def test_a_tag_is_taken_off(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    boat, _dusk = add_tags(image, ["boat", "dusk"])
    browser = browser_of("member")

    response = browser.post(place_of(image), {"remove": str(boat.pk)}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert chips(response) == ["dusk"]
    assert '"announce"' in response["HX-Trigger"]
    assert found(browser, cast.team, tag="boat") == set()
    assert browser.post(place_of(image), {"remove": str(boat.pk)}).status_code == 302


def test_a_reviewer_sees_tags_and_changes_none(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    (boat,) = add_tags(image, ["boat"])
    browser = browser_of("reviewer")

    page = browser.get(reverse("gallery:picture", args=[cast.team.slug, image.pk]))

    assert chips(page) == ["boat"]
    assert parsed(page).select(".tags button, .tags input") == []
    assert browser.post(place_of(image), {"tags": "tram"}).status_code == 403
    assert browser.post(place_of(image), {"remove": str(boat.pk)}).status_code == 403
    assert found(browser, cast.team, tag="boat") == {"A red boat"}


def test_a_private_picture_is_its_authors_to_tag(cast: SimpleNamespace, browser_of: Browsers) -> None:
    private = picture(cast.team, cast.member, visibility="private")

    answers = [browser_of(who).post(place_of(private), {"tags": "boat"}).status_code for who in ("owner", "member")]

    assert answers == [404, 302]
    assert found(browser_of("owner"), cast.team, tag="boat") == set()
    assert found(browser_of("member"), cast.team, tag="boat") == {"A red boat"}


def test_a_tag_of_another_team_is_not_there(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    elsewhere = cast.stranger.memberships.get().team
    (theirs,) = add_tags(picture(elsewhere, cast.stranger), ["kestrel"])

    assert browser_of("owner").post(place_of(image), {"remove": str(theirs.pk)}).status_code == 404
    assert open_gallery(browser_of("owner"), cast.team, f"?tag={theirs.pk}").status_code == 422
    assert browser_of("owner").get(page_of("tag", theirs).replace(elsewhere.slug, cast.team.slug)).status_code == 404


def test_a_picture_has_so_many_tags_and_no_more(
    browser_of: Browsers, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.gallery.tags.tagging.MAX_ON_A_PICTURE", 2)
    add_tags(image, ["boat", "dusk"])

    response = browser_of("member").post(place_of(image), {"tags": "tram"})

    assert response.status_code == 422
    assert "A picture can have 2 tags. Take some off first." in response.content.decode()
    assert names_on(image) == ["boat", "dusk"]
    assert Tag.objects.count() == 2


def test_a_team_has_so_many_tags_and_no_more(
    browser_of: Browsers, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.gallery.tags.tagging.MAX_IN_A_TEAM", 2)
    add_tags(image, ["boat", "dusk"])

    response = browser_of("member").post(place_of(image), {"tags": "boat, tram"})

    assert response.status_code == 422
    assert "The team has 2 tags" in response.content.decode()


# Found --------------------------------------------------------------------------------------------------------------


def test_a_picture_must_have_all_that_is_asked_for(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    boat, dusk = add_tags(image, ["boat", "dusk"])
    add_tags(picture(cast.team, cast.owner, "A tram"), ["dusk"])
    browser = browser_of("reviewer")

    assert found(browser, cast.team, tag="dusk") == {"A red boat", "A tram"}
    assert found(browser, cast.team, tag="dusk, boat") == {"A red boat"}
    for query in (f"?tag={boat.pk}&tag=DUSK", f"?tag={boat.pk}&tag={dusk.pk}"):
        page = parsed(open_gallery(browser, cast.team, query))
        assert [one["alt"] for one in page.select(".gallery-item img")] == ["A red boat"]
        assert page.select_one("[name=tag]")["value"] == "boat, dusk"  # type: ignore[index]
    assert found(browser, cast.team, tag="dusk", person=str(cast.owner.pk), q="tram") == {"A tram"}


@pytest.mark.parametrize("asked", ["submarine", "boat, submarine", "0e000000-0000-4000-8000-000000000000", "\0"])
def test_a_tag_that_is_none_is_told_and_left_out(
    cast: SimpleNamespace, browser_of: Browsers, image: Image, asked: str
) -> None:
    add_tags(image, ["boat"])

    response = browser_of("member").get(reverse("gallery:index", args=[cast.team.slug]), {"tag": asked})

    assert response.status_code == 422
    assert len(parsed(response).select(".gallery-item")) == 1


def test_without_tags_the_filter_is_not_offered(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    before = parsed(open_gallery(browser_of("member"), cast.team)).select("[name=tag]")
    add_tags(image, ["boat"])

    assert (len(before), len(parsed(open_gallery(browser_of("member"), cast.team)).select("[name=tag]"))) == (0, 1)


def test_names_are_completed_after_the_last_comma(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    add_tags(image, ["boat", "Bonfire", "dusk"])
    add_tags(picture(cast.stranger.memberships.get().team, cast.stranger), ["borrowed"])
    place = reverse("gallery:tag-suggestions", args=[cast.team.slug])

    def completed(typed: str, field: str = "tags") -> list[str]:
        return [str(one["value"]) for one in parsed(browser_of("reviewer").get(place, {field: typed})).select("option")]

    assert completed("") == ["boat", "Bonfire", "dusk"]
    assert completed("BO") == ["boat", "Bonfire"]
    assert completed(" dusk ,boat, b", "tag") == ["dusk, boat, Bonfire"]
    assert completed("100%_") == completed("\0, b") == []


# A tag itself -------------------------------------------------------------------------------------------------------


def test_a_tag_is_renamed_and_coloured_on_every_picture(
    cast: SimpleNamespace, browser_of: Browsers, image: Image
) -> None:
    (boat,) = add_tags(image, ["boat"])
    browser = browser_of("admin")

    response = browser.post(page_of("tag", boat), {"name": " Ship ", "colour": "blue"}, follow=True)

    assert "The tag is now Ship, on every picture that has it." in response.content.decode()
    chip = parsed(browser.get(place_of(image))).select_one(".tag")
    assert chip is not None
    assert (chip.a.text, chip["data-colour"]) == ("Ship", "blue")  # type: ignore[union-attr]
    assert found(browser, cast.team, tag="ship") == {"A red boat"}
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.detail) == ("tag.renamed", {"before": "boat", "after": "Ship"})


@pytest.mark.parametrize(
    ("name", "colour", "said"),
    [
        ("Dusk", "red", "There is a tag of this name already."),
        ("a, b", "red", "has no comma"),
        ("", "red", "Give the tag a name."),
        ("boat", "vermilion", "Choose one of these colours."),
        ("b\u2066", "red", "turn the writing round"),
    ],
)
def test_what_a_tag_can_not_be_is_told_with_the_form(
    browser_of: Browsers, image: Image, name: str, colour: str, said: str
) -> None:
    boat, _dusk = add_tags(image, ["boat", "dusk"])

    response = browser_of("owner").post(page_of("tag", boat), {"name": name, "colour": colour})

    assert response.status_code == 422
    assert said in response.content.decode()
    boat.refresh_from_db()
    assert boat.name == "boat"


def test_merging_gives_the_pictures_the_other_tag(cast: SimpleNamespace, browser_of: Browsers, image: Image) -> None:
    tram = picture(cast.team, cast.owner, "A tram")
    boat, ship = add_tags(image, ["boat", "ship"])
    add_tags(tram, ["ship"])
    browser = browser_of("owner")

    response = browser.post(page_of("tag-merging", ship), {"into": "BOAT"}, follow=True)

    assert "Every picture tagged ship has boat in its place." in response.content.decode()
    assert names_on(image) == names_on(tram) == ["boat"]
    assert found(browser, cast.team, tag=str(boat.pk)) == {"A red boat", "A tram"}
    assert list(Tag.objects.values_list("name", flat=True)) == ["boat"]
    assert AuditEntry.objects.get().detail == {"before": "ship", "after": "boat"}
    assert [changed for _, changed in repair_labels()] == [0]


@pytest.mark.parametrize(
    ("into", "said"), [("", "Say which tag"), ("boat", "this tag itself"), ("tram", "no such tag")]
)
def test_what_a_tag_can_not_be_merged_into_is_told(browser_of: Browsers, image: Image, into: str, said: str) -> None:
    (boat,) = add_tags(image, ["boat"])

    response = browser_of("owner").post(page_of("tag-merging", boat), {"into": into})

    assert response.status_code == 422
    assert said in response.content.decode()
    assert names_on(image) == ["boat"]


def test_many_pictures_follow_in_batches_and_are_found_meanwhile(
    cast: SimpleNamespace, browser_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_ending, "BATCH_SIZE", 2)
    pictures = many(cast.team, cast.member, 5)
    for one in pictures:
        add_tags(one, ["boat", "ship"] if one == pictures[0] else ["ship"])
    ship, boat = Tag.objects.get(name="ship"), Tag.objects.get(name="boat")

    merge_tag(ship, boat, actor=Actor(cast.owner))

    assert ImageTag.objects.filter(tag=ship).count() == 3
    assert all(names_on(one) == ["boat"] for one in pictures)
    assert len(found_ids(browser_of("member"), cast.team, tag="boat")) == 5
    assert not Tag.objects.live().filter(key="ship").exists()
    assert anything_ending()
    assert finish_endings() is False
    assert ImageTag.objects.filter(tag=boat).count() == 5
    assert not Tag.objects.filter(name="ship").exists()
    assert sum(changed for _, changed in repair_labels()) == 0


def found_ids(browser: Client, team: Any, **asked: str) -> set[str]:
    response = browser.get(reverse("gallery:index", args=[team.slug]), asked)
    return {str(image["data-image"]) for image in parsed(response).select(".gallery-item img")}


def test_what_is_being_merged_into_a_deleted_tag_is_deleted_with_it(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_ending, "BATCH_SIZE", 1)
    pictures = many(cast.team, cast.member, 3)
    for one in pictures:
        add_tags(one, ["ship"])
    (boat,) = add_tags(pictures[0], ["boat"])
    merge_tag(Tag.objects.get(name="ship"), boat, actor=Actor(cast.owner))

    delete_tag(boat, actor=Actor(cast.owner))

    assert all(names_on(one) == [] for one in pictures)
    assert finish_endings() is False
    assert not Tag.objects.exists()
    assert set(Image.objects.values_list("labels", flat=True)) == {""}


def test_deleting_takes_it_off_the_pictures_and_says_so_once(
    cast: SimpleNamespace, browser_of: Browsers, image: Image
) -> None:
    (boat,) = add_tags(image, ["boat"])
    browser = browser_of("admin")

    said = browser.post(page_of("tag-removal", boat), follow=True).content.decode()

    assert "The tag boat is gone. The pictures that had it stay." in said
    assert names_on(image) == []
    assert browser.post(page_of("tag-removal", boat)).status_code == 404
    assert AuditEntry.objects.get().action == "tag.deleted"
    add_tags(image, ["boat"])
    assert names_on(image) == ["boat"]


def test_the_list_of_tags_is_for_everybody_and_what_changes_them_for_admins(
    cast: SimpleNamespace, browser_of: Browsers, image: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.gallery.tags.pages.PAGE_SIZE", 2)
    place = reverse("gallery:tags", args=[cast.team.slug])
    assert "No tags yet" in browser_of("member").get(place).content.decode()
    add_tags(image, ["boat", "Bonfire", "dusk"])

    first = browser_of("reviewer").get(place)
    more = parsed(first).select_one("[rel=next]")

    assert chips(first) == ["boat", "Bonfire"]
    assert more is not None
    assert chips(browser_of("reviewer").get(str(more["href"]))) == ["dusk"]
    assert chips(browser_of("member").get(place, {"q": "BON"})) == ["Bonfire"]
    assert "No tag begins like this." in browser_of("member").get(place, {"q": "x"}).content.decode()
    assert "Change" not in first.content.decode()
    assert "Change" in browser_of("admin").get(place).content.decode()


# In the database ----------------------------------------------------------------------------------------------------


def test_the_database_has_a_name_once_a_team_among_those_that_live(cast: SimpleNamespace, image: Image) -> None:
    Tag.objects.create(team=cast.team, name="boat", key="boat", ended_at=timezone.now())
    (boat,) = add_tags(image, ["boat"])
    Tag.objects.create(team=cast.stranger.memberships.get().team, name="boat", key="boat")

    for wrong in (
        {"name": "Boat", "key": "boat"},
        {"name": "", "key": "x"},
        {"name": "x", "key": "x", "merged_into": boat},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tag.objects.create(team=cast.team, **wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImageTag.objects.create(tag=boat, image=image)


def test_names_are_read_as_they_were_typed_each_once() -> None:
    assert read_names("b, a,B ,e\u0301") == ["b", "a", "é"]
    with pytest.raises(ValidationError):
        read_names("a\u202eb")
