"""Collections: made and changed by who makes pictures, seen by the team, in an order that nobody's sorting loses."""

import random
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.collections import ending as collection_ending
from hubportal.gallery.collections.changes import delete_collection, make_collection
from hubportal.gallery.collections.ending import finish_endings
from hubportal.gallery.collections.order import (
    CollectionGone,
    PrivatePictureError,
    add_to_collection,
    move_in_collection,
)
from hubportal.gallery.label_repair import repair_labels
from hubportal.gallery.models import Collection, CollectionImage
from hubportal.gallery.picture_bin import bin_image
from hubportal.generations.models import Image, Visibility
from tests.gallery.kept import many, picture
from tests.gallery.reading import found, open_gallery, parsed, shown_pictures

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def wall(cast: SimpleNamespace) -> Collection:
    return make_collection(cast.team, "Wall", actor=Actor(cast.member))


def filled(collection: Collection, pictures: list[Image]) -> list[str]:
    """The pictures' ids, in the order in which they were put in."""
    for image in pictures:
        assert add_to_collection(collection, image)
    return [str(image.pk) for image in pictures]


def in_order(collection: Collection) -> list[str]:
    rows = CollectionImage.objects.filter(collection=collection).order_by("position")
    return [str(pk) for pk in rows.values_list("image", flat=True)]


def place(name: str, collection: Collection) -> str:
    return reverse(f"gallery:{name}", args=[collection.team.slug, collection.pk])


def of_picture(image: Image) -> str:
    return reverse("gallery:picture-collections", args=[image.team.slug, image.pk])


# Made and changed ---------------------------------------------------------------------------------------------------


def test_a_member_makes_one_and_the_team_sees_it(cast: SimpleNamespace, browser_of: Browsers) -> None:
    here = reverse("gallery:collections", args=[cast.team.slug])

    response = browser_of("member").post(
        here, {"name": " Spring  wall ", "description": "For <b>March</b>"}, follow=True
    )

    made = Collection.objects.get()
    assert response.redirect_chain == [(place("collection", made), 302)]
    assert (made.name, made.made_by) == ("Spring wall", cast.member)
    page = parsed(browser_of("reviewer").get(here))
    assert page.select_one(".collection b").text == "Spring wall"  # type: ignore[union-attr]
    assert page.select_one(".collection .clamp").text == "For <b>March</b>"  # type: ignore[union-attr]
    assert page.select("main form[method=post]") == []
    assert browser_of("reviewer").post(here, {"name": "x"}).status_code == 403
    assert AuditEntry.objects.get().action == "collection.created"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Give the collection a name."),
        ("wALL", "There is a collection of this name already."),
        ("w" * 81, "at most 80 characters"),
        ("\u202ewall", "turn the writing round"),
    ],
)
def test_what_it_can_not_be_called_is_told(browser_of: Browsers, wall: Collection, name: str, said: str) -> None:
    for here in (reverse("gallery:collections", args=[wall.team.slug]), place("collection", other_than(wall))):
        response = browser_of("member").post(here, {"name": name})

        assert response.status_code == 422
        assert said in response.content.decode()


def other_than(wall: Collection) -> Collection:
    found = Collection.objects.exclude(pk=wall.pk).first()
    return found or make_collection(wall.team, "Another", actor=Actor(wall.made_by))


def test_a_team_has_so_many_and_no_more(
    browser_of: Browsers, wall: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.gallery.collections.changes.MAX_IN_A_TEAM", 1)

    response = browser_of("member").post(reverse("gallery:collections", args=[wall.team.slug]), {"name": "Floor"})

    assert response.status_code == 422
    assert "can&#x27;t have more: delete one first." in response.content.decode()


def test_renaming_is_recorded_and_describing_is_not(browser_of: Browsers, wall: Collection) -> None:
    browser, here = browser_of("owner"), place("collection", wall)

    browser.post(here, {"name": "Wall", "description": "Left to right"})
    browser.post(here, {"name": "Floor", "description": "Left to right"})

    page = browser.get(here).content.decode()
    assert "Floor" in page
    assert "Left to right" in page
    renamed = AuditEntry.objects.exclude(action="collection.created")
    assert [(entry.action, entry.detail) for entry in renamed] == [
        ("collection.renamed", {"before": "Wall", "after": "Floor"}),
    ]


def test_deleting_leaves_the_pictures_and_frees_the_name(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection_ending, "BATCH_SIZE", 2)
    pictures = many(cast.team, cast.member, 5)
    filled(wall, pictures)
    browser = browser_of("member")

    browser.post(place("collection-removal", wall))

    assert browser.get(place("collection", wall)).status_code == 404
    assert browser.post(place("collection-removal", wall)).status_code == 404
    with pytest.raises(CollectionGone):
        add_to_collection(wall, pictures[0])
    make_collection(cast.team, "Wall", actor=Actor(cast.member))
    assert finish_endings() is False
    assert not Collection.objects.filter(pk=wall.pk).exists()
    assert set(Image.objects.values_list("labels", flat=True)) == {""}
    assert len(shown_pictures(open_gallery(browser, cast.team))) == 5
    assert AuditEntry.objects.filter(action="collection.deleted").count() == 1


# Pictures put in and taken out --------------------------------------------------------------------------------------


def test_a_picture_is_put_in_by_name_and_found(cast: SimpleNamespace, browser_of: Browsers, wall: Collection) -> None:
    image = picture(cast.team, cast.owner)
    picture(cast.team, cast.owner, "A tram")
    browser = browser_of("member")

    response = browser.post(of_picture(image), {"collection": "WALL"}, follow=True)

    assert [one.text for one in parsed(response).select(".in-collection span[dir]")] == ["Wall"]
    assert in_order(wall) == [str(image.pk)]
    for asked in ("wall", str(wall.pk)):
        assert found(browser_of("reviewer"), cast.team, collection=asked) == {"A red boat"}
    assert found(browser, cast.team, collection="wall", q="tram") == set()
    field = parsed(open_gallery(browser, cast.team, f"?collection={wall.pk}")).select_one("[name=collection]")
    assert field is not None
    assert field["value"] == "Wall"
    browser.post(of_picture(image), {"collection": str(wall.pk)})
    assert CollectionImage.objects.count() == 1


def test_one_that_there_is_not_yet_is_made(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.owner)

    response = browser_of("member").post(of_picture(image), {"collection": "Floor"}, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert in_order(Collection.objects.get(name="Floor")) == [str(image.pk)]
    assert AuditEntry.objects.get().action == "collection.created"


@pytest.mark.parametrize("asked", ["Floor", "0e000000-0000-4000-8000-000000000000", "\0"])
def test_a_collection_that_is_none_is_told_and_left_out(
    cast: SimpleNamespace, browser_of: Browsers, asked: str
) -> None:
    picture(cast.team, cast.owner)

    response = browser_of("member").get(reverse("gallery:index", args=[cast.team.slug]), {"collection": asked})

    assert response.status_code == 422
    assert len(parsed(response).select(".gallery-item")) == 1


def test_a_picture_is_taken_out(cast: SimpleNamespace, browser_of: Browsers, wall: Collection) -> None:
    first, second = (picture(cast.team, cast.owner) for _ in range(2))
    filled(wall, [first, second])
    browser = browser_of("member")

    browser.post(of_picture(first), {"remove": str(wall.pk)})
    wall.refresh_from_db()
    assert (in_order(wall), wall.cover) == ([str(second.pk)], second)
    browser.post(place("collection-taking-out", wall), {"image": str(second.pk)})
    wall.refresh_from_db()

    assert (in_order(wall), wall.cover) == ([], None)
    assert found(browser, cast.team, collection="wall") == set()
    assert Image.objects.filter(labels="").count() == 2


def test_a_private_picture_is_put_into_none_and_one_is_told_why(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection
) -> None:
    private = picture(cast.team, cast.member, visibility="private")
    browser = browser_of("member")

    page = parsed(browser.get(reverse("gallery:picture", args=[cast.team.slug, private.pk])))
    response = browser.post(of_picture(private), {"collection": "Wall"})

    assert "It can't be put into a collection while it is private" in page.select_one("#collections").text  # type: ignore[union-attr]
    assert response.status_code == 422
    assert "Share it with the team first." in response.content.decode()
    share = parsed(response).select_one("#collections a")
    assert share is not None
    assert share["href"] == reverse("generations:detail", args=[cast.team.slug, private.generation_id])
    assert browser_of("owner").post(of_picture(private), {"collection": "Wall"}).status_code == 404
    with pytest.raises(PrivatePictureError):
        add_to_collection(wall, private)
    assert not CollectionImage.objects.exists()


def test_what_became_private_or_was_deleted_is_seen_by_nobody_else(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection
) -> None:
    private, deleted, stays = (picture(cast.team, cast.member) for _ in range(3))
    filled(wall, [private, deleted, stays])
    private.generation.record_visibility(Visibility.PRIVATE)
    bin_image(deleted, Actor(cast.member))

    seen = {who: shown_pictures(browser_of(who).get(place("collection", wall))) for who in ("owner", "member")}

    assert seen == {"owner": [str(stays.pk)], "member": [str(private.pk), str(stays.pk)]}
    listed = parsed(browser_of("owner").get(reverse("gallery:collections", args=[cast.team.slug])))
    assert listed.select(".collection img") == []


def test_collections_and_pictures_of_another_team_are_not_there(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection
) -> None:
    elsewhere = cast.stranger.memberships.get().team
    theirs = make_collection(elsewhere, "Theirs", actor=Actor(cast.stranger))
    their_picture = picture(elsewhere, cast.stranger)
    image = picture(cast.team, cast.member)
    add_to_collection(wall, image)
    browser = browser_of("owner")

    assert browser.post(of_picture(image), {"remove": str(theirs.pk)}).status_code == 404
    for name in ("collection-cover", "collection-taking-out"):
        for wrong in (str(their_picture.pk), "x", ""):
            assert browser.post(place(name, wall), {"image": wrong}).status_code == 404
    moved = browser.post(place("collection-order", wall), {"move": f"{their_picture.pk} before {image.pk}"})
    assert moved.status_code == 404


# In order -----------------------------------------------------------------------------------------------------------


def test_a_picture_is_moved_by_its_buttons_also_across_pages(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hubportal.gallery.collections.pages.PAGE_SIZE", 2)
    a, b, c, d = filled(wall, [picture(cast.team, cast.member) for _ in range(4)])
    browser = browser_of("member")
    page = parsed(browser.get(place("collection", wall) + "?arrange"))
    assert [item["data-id"] for item in page.select(".arrange > li")] == [a, b]
    assert page.select_one(f"#earlier-{a}").has_attr("disabled")  # type: ignore[union-attr]

    later = page.select_one(f"#later-{b}")
    assert later is not None
    response = browser.post(str(later["formaction"]), {"move": later["value"]}, follow=True)

    assert in_order(wall) == [a, c, b, d]
    assert response.redirect_chain == [(place("collection", wall) + f"?arrange#picture-{b}", 302)]
    further = parsed(response).select_one("[rel=next]")
    assert further is not None
    second = parsed(browser.get(str(further["href"])))
    assert [item["data-id"] for item in second.select(".arrange > li")] == [b, d]
    earlier = second.select_one(f"#earlier-{b}")
    assert earlier is not None
    browser.post(str(earlier["formaction"]), {"move": earlier["value"]})
    assert in_order(wall) == [a, b, c, d]
    back = second.select_one("[rel=prev]")
    assert back is not None
    assert len(parsed(browser.get(str(back["href"]))).select(".arrange > li")) == 2


def test_a_reviewer_sees_the_order_and_arranges_nothing(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection
) -> None:
    a, b = filled(wall, [picture(cast.team, cast.member) for _ in range(2)])
    browser = browser_of("reviewer")

    page = browser.get(place("collection", wall) + "?arrange")

    assert shown_pictures(page) == [a, b]
    assert parsed(page).select(".arrange, main form") == []
    assert browser.post(place("collection-order", wall), {"move": f"{b} before {a}"}).status_code == 403


@pytest.mark.parametrize(
    "move", ["", "x", "a before b", "{a} between {b}", "{a} before {b} {b}", "{a} before -" + "-" * 35]
)
def test_a_move_that_is_none_is_refused(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection, move: str
) -> None:
    a, b = filled(wall, [picture(cast.team, cast.member) for _ in range(2)])

    response = browser_of("member").post(place("collection-order", wall), {"move": move.format(a=a, b=b)})

    assert response.status_code == 422
    assert in_order(wall) == [a, b]


@pytest.mark.parametrize(
    "query", ["after=x", "after=", "before=99999999999999999999", "after=--1", "after=9223372036854775", "after=²"]
)
def test_a_place_that_is_none_leads_to_the_first_page(
    cast: SimpleNamespace, browser_of: Browsers, wall: Collection, query: str
) -> None:
    shown = filled(wall, [picture(cast.team, cast.member)])

    assert shown_pictures(browser_of("member").get(f"{place('collection', wall)}?{query}")) == shown


def test_one_of_its_pictures_is_its_cover(cast: SimpleNamespace, browser_of: Browsers, wall: Collection) -> None:
    first, second = (picture(cast.team, cast.member) for _ in range(2))
    filled(wall, [first, second])
    outside = picture(cast.team, cast.member)
    browser, listed = browser_of("member"), reverse("gallery:collections", args=[cast.team.slug])

    def cover() -> str:
        return str(parsed(browser.get(listed)).select_one(".collection img")["data-image"])  # type: ignore[index]

    assert cover() == str(first.pk)
    assert browser.post(place("collection-cover", wall), {"image": str(second.pk)}).status_code == 302
    assert browser.post(place("collection-cover", wall), {"image": str(outside.pk)}).status_code == 404
    assert cover() == str(second.pk)


def test_any_moves_leave_each_picture_once_and_where_it_was_put(
    cast: SimpleNamespace, wall: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So little room that moves soon have to make some.
    monkeypatch.setattr("hubportal.gallery.collections.order.GAP", 4)
    monkeypatch.setattr("hubportal.gallery.collections.order.PUSH", 2)
    pictures = many(cast.team, cast.member, 12)
    filled(wall, pictures)
    expected, chance = [image.pk for image in pictures], random.Random(5)

    for _ in range(150):
        moved, beside = chance.sample(expected, 2)
        after = chance.random() < 0.5
        move_in_collection(wall, moved, beside, after=after)
        expected.remove(moved)
        expected.insert(expected.index(beside) + after, moved)
        assert in_order(wall) == [str(pk) for pk in expected]


@pytest.mark.django_db(transaction=True)
def test_two_who_sort_at_once_lose_nothing(cast: SimpleNamespace, wall: Collection) -> None:
    pictures = many(cast.team, cast.member, 8)
    shown = filled(wall, pictures)
    failed: list[BaseException] = []

    def sort(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(15):
                moved, beside = chance.sample(pictures, 2)
                move_in_collection(wall, moved.pk, beside.pk, after=chance.random() < 0.5)
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)
        finally:
            connection.close()

    both = [threading.Thread(target=sort, args=[seed]) for seed in (1, 2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert failed == []
    assert sorted(in_order(wall)) == sorted(shown)


# In the database ----------------------------------------------------------------------------------------------------


def test_the_database_has_a_picture_once_and_a_place_once(cast: SimpleNamespace, wall: Collection) -> None:
    one, other = many(cast.team, cast.member, 2)
    add_to_collection(wall, one)
    wrong: list[dict[str, Any]] = [{"image": one, "position": 7}, {"image": other, "position": 0}]

    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            CollectionImage.objects.create(collection=wall, **fields)
    for name, key in (("WALL", "wall"), ("", "x")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Collection.objects.create(team=cast.team, name=name, key=key, made_by=cast.member)
    CollectionImage.objects.create(collection=wall, image=other, position=7)


def test_labels_are_made_again_from_what_collections_hold(cast: SimpleNamespace, wall: Collection) -> None:
    filled(wall, many(cast.team, cast.member, 2))
    Image.objects.update(labels="")

    assert list(repair_labels()) == [(2, 2)]
    assert set(Image.objects.values_list("labels", flat=True)) == {f"c{wall.pk.hex}"}
    delete_collection(wall, actor=Actor(cast.member))
    assert list(repair_labels()) == [(2, 0)]
