"""One act on many pictures: allowed picture by picture, in batches that outlive a crash, stopped and undone."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import Tag
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.collections.changes import make_collection
from hubportal.gallery.favourites import mark_favourite
from hubportal.gallery.models import BulkChange, BulkChangeItem, BulkState, Collection, CollectionImage, Selection
from hubportal.gallery.models import Tag as PictureTag
from hubportal.gallery.models.favourite import favourite_label
from hubportal.gallery.models.tag import tag_label
from hubportal.gallery.picture_bin import bin_image, restore_image
from hubportal.gallery.selection import run as bulk_run
from hubportal.gallery.selection import tasks
from hubportal.gallery.tags.tagging import add_tags
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from hubportal.usage.models import Project
from hubportal.usage.projects import archive_project
from tests.gallery.kept import keep, many, picture
from tests.gallery.reading import open_gallery, parsed
from tests.gallery.test_selection import address, select_all
from tests.makers import make_generation

Browsers = Callable[[str], Client]


def change(
    browser: Client, team: Team, act: str, *images: Image, selection: Selection | None = None, **more: str
) -> Any:
    fields = {"selection": str(selection.pk)} if selection else {"image": [str(image.pk) for image in images]}
    return browser.post(address("bulk-changes", team), {**fields, "act": act, **more}, follow=True)


def said(response: Any) -> str:
    found = parsed(response).select_one("#messages")
    assert isinstance(found, Tag)
    return found.text


def undo(browser: Client, response: Any) -> Any:
    form = parsed(response).select_one("#messages form")
    assert form is not None
    return browser.post(str(form["action"]), follow=True)


def binned() -> set[Any]:
    return set(Image.objects.filter(binned_at__isnull=False).values_list("pk", flat=True))


def work(started: BulkChange, rounds: int = 1000) -> None:
    """As the worker does it."""
    while rounds and bulk_run.run_change(started.pk):
        rounds -= 1


def test_what_is_ticked_moves_to_the_bin_and_comes_back(cast: SimpleNamespace, browser_of: Browsers) -> None:
    first, second, other = (picture(cast.team, cast.member) for _ in range(3))
    mina = browser_of("member")

    done = change(mina, cast.team, "bin", first, second)

    assert binned() == {first.pk, second.pk}
    assert "2 pictures moved to the bin." in said(done)
    assert AuditEntry.objects.filter(action="picture.deleted").count() == 2

    undone = undo(mina, done)

    assert binned() == set()
    assert "2 pictures are back as they were." in said(undone)
    assert other.pk not in binned()


def test_each_picture_is_asked_for_and_what_is_not_allowed_is_counted(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    mine, theirs = picture(cast.team, cast.member), picture(cast.team, cast.owner)

    done = change(browser_of("member"), cast.team, "bin", mine, theirs)

    assert binned() == {mine.pk}
    assert "1 picture moved to the bin." in said(done)
    assert "1 picture was left as it is: you may not change it" in said(done)


def test_a_reviewer_changes_nothing(cast: SimpleNamespace, browser_of: Browsers) -> None:
    image = picture(cast.team, cast.member)

    assert change(browser_of("reviewer"), cast.team, "bin", image).status_code == 403

    assert binned() == set()


@pytest.mark.parametrize("what", ["another team's", "private", "made up"])
def test_a_picture_that_one_may_not_see_stops_the_request(
    cast: SimpleNamespace, browser_of: Browsers, what: str
) -> None:
    mine = picture(cast.team, cast.member)
    strange = {
        "another team's": picture(Team.objects.get(name="Elsewhere"), cast.stranger),
        "private": picture(cast.team, cast.owner, visibility=Visibility.PRIVATE),
        "made up": Image(pk=uuid.uuid4()),
    }

    assert change(browser_of("member"), cast.team, "bin", mine, strange[what]).status_code == 404

    assert binned() == set()


def test_one_that_was_deleted_meanwhile_keeps_nobody_from_the_others(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    stays, gone = (picture(cast.team, cast.member) for _ in range(2))
    bin_image(gone, Actor(cast.owner))
    mina = browser_of("member")

    done = change(mina, cast.team, "bin", stays, gone)
    undo(mina, done)

    assert binned() == {gone.pk}


def test_pictures_move_to_a_project_and_back_to_where_each_was(cast: SimpleNamespace, browser_of: Browsers) -> None:
    spring, autumn = (Project.objects.create(team=cast.team, name=name) for name in ("Spring", "Autumn"))
    generation = make_generation(cast.team, cast.member, n=2, project=autumn)
    two, one = [keep(generation), keep(generation, position=1)], picture(cast.team, cast.member)
    mina = browser_of("member")

    done = change(mina, cast.team, "project", *two, one, project=str(spring.pk))
    projects = set(Generation.objects.values_list("project__name", flat=True))
    undo(mina, done)

    assert projects == {"Spring"}
    assert "3 pictures moved to the project." in said(done)
    assert set(Generation.objects.values_list("project__name", flat=True)) == {"Autumn", None}


def test_a_project_that_was_archived_meanwhile_leaves_pictures_where_they_are(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    spring, autumn = (Project.objects.create(team=cast.team, name=name) for name in ("Spring", "Autumn"))
    image = keep(make_generation(cast.team, cast.member, project=autumn))
    mina = browser_of("member")
    done = change(mina, cast.team, "project", image, project=str(spring.pk))
    archive_project(autumn, actor=Actor(cast.owner))

    undo(mina, done)

    assert Generation.objects.get().project == spring


def test_only_the_author_changes_who_sees_a_picture(cast: SimpleNamespace, browser_of: Browsers) -> None:
    mine, theirs = picture(cast.team, cast.owner), picture(cast.team, cast.member)
    anna = browser_of("owner")

    done = change(anna, cast.team, "visibility", mine, theirs, visibility="private")
    private = list(Generation.objects.filter(visibility=Visibility.PRIVATE).values_list("author", flat=True))
    undo(anna, done)

    assert private == [cast.owner.pk]
    assert "1 picture was left as it is" in said(done)
    assert not Generation.objects.filter(visibility=Visibility.PRIVATE).exists()


@pytest.mark.parametrize(
    "fields",
    [{"act": ""}, {"act": "erase"}, {"act": "project", "project": "x"}, {"act": "visibility", "visibility": "all"}],
)
def test_an_act_that_is_not_offered_is_refused(
    cast: SimpleNamespace, browser_of: Browsers, fields: dict[str, str]
) -> None:
    image = picture(cast.team, cast.member)

    answer = browser_of("member").post(address("bulk-changes", cast.team), {"image": str(image.pk), **fields})

    assert answer.status_code == 422
    assert not BulkChange.objects.exists()


def test_a_project_of_another_team_is_not_offered(cast: SimpleNamespace, browser_of: Browsers) -> None:
    theirs = Project.objects.create(team=Team.objects.get(name="Elsewhere"), name="Theirs")
    Project.objects.create(team=cast.team, name="Spring")
    image = picture(cast.team, cast.member)

    answer = change(browser_of("member"), cast.team, "project", image, project=str(theirs.pk))

    assert answer.status_code == 422
    assert Generation.objects.get().project is None


def test_nothing_selected_is_said(cast: SimpleNamespace, browser_of: Browsers) -> None:
    answer = change(browser_of("member"), cast.team, "bin")

    assert (answer.status_code, "No picture was selected" in parsed(answer).text) == (422, True)


# By the worker -------------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(cast: SimpleNamespace, browser_of: Browsers) -> BulkChange:
    """130 pictures of Mina's on their way to the bin, none of them there yet."""
    many(cast.team, cast.member, 130)
    mina = browser_of("member")
    change(mina, cast.team, "bin", selection=select_all(mina, cast.team))
    assert binned() == set()
    return BulkChange.objects.get()


def test_more_than_a_hundred_are_changed_by_the_worker_and_undone(
    cast: SimpleNamespace, browser_of: Browsers, begun: BulkChange
) -> None:
    mina, place = browser_of("member"), address("bulk-change", cast.team, begun.pk)
    before = parsed(mina.get(place)).select_one("#bulk-change")
    assert before is not None

    work(begun)
    done = parsed(mina.get(place))
    mina.post(address("bulk-undoing", cast.team, begun.pk))
    begun.refresh_from_db()
    halfway = (begun.state, len(binned()))
    work(begun)
    begun.refresh_from_db()

    assert (before["data-state"], "hx-get" in before.attrs) == ("running", True)
    assert "130 pictures moved to the bin." in done.text
    assert halfway == ("undoing", 130)
    assert (begun.state, begun.undone, len(binned())) == ("undone", 130, 0)
    assert not BulkChangeItem.objects.exists()


def test_how_far_it_is_can_be_seen_and_looking_writes_nothing(
    cast: SimpleNamespace, browser_of: Browsers, begun: BulkChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_run, "ROUND", 0.0)
    bulk_run.run_change(begun.pk)
    mina, place = browser_of("member"), address("bulk-change", cast.team, begun.pk)

    with CaptureQueriesContext(connection) as queries:
        part = mina.get(place, headers={"HX-Request": "true"})

    shown = parsed(part)
    assert shown.h1 is None
    assert shown.progress is not None
    assert (shown.progress["value"], "50 of 130 pictures" in shown.text) == ("38", True)
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_stopped_it_leaves_the_rest_and_can_be_undone(
    cast: SimpleNamespace, browser_of: Browsers, begun: BulkChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_run, "ROUND", 0.0)
    mina = browser_of("member")
    bulk_run.run_change(begun.pk)

    mina.post(address("bulk-cancellation", cast.team, begun.pk))
    work(begun)
    stopped = len(binned())
    mina.post(address("bulk-undoing", cast.team, begun.pk))
    work(begun)

    begun.refresh_from_db()
    assert (stopped, len(binned()), begun.state) == (50, 0, "undone")


def test_what_a_crash_left_behind_goes_on_where_it_stopped(begun: BulkChange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_run, "ROUND", 0.0)
    bulk_run.run_change(begun.pk)
    monkeypatch.undo()
    apply = bulk_run.ACTS["bin"].apply
    calls: list[Image] = []

    def die_half_way(image: Image, context: Any) -> str | None:
        calls.append(image)
        if len(calls) == 20:
            raise MemoryError
        return apply(image, context)

    monkeypatch.setitem(bulk_run.ACTS, "bin", SimpleNamespace(apply=die_half_way))
    with pytest.raises(MemoryError):
        bulk_run.run_change(begun.pk)
    monkeypatch.undo()
    rolled_back = len(binned())
    held = bulk_run.anything_left_behind()
    BulkChange.objects.update(lease_until=timezone.now())
    found = bulk_run.left_behind()
    work(begun)

    begun.refresh_from_db()
    assert (rolled_back, held, found) == (50, False, [begun.pk])
    assert (begun.state, begun.done, begun.total, len(binned())) == ("done", 130, 130, 130)


def test_two_workers_do_not_do_it_twice(begun: BulkChange) -> None:
    assert BulkChange.objects.claim(begun.pk, bulk_run.LEASE) is not None

    assert bulk_run.run_change(begun.pk) is False

    assert binned() == set()


def test_whoever_lost_the_role_meanwhile_changes_nothing_more(
    cast: SimpleNamespace, begun: BulkChange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_run, "ROUND", 0.0)
    bulk_run.run_change(begun.pk)
    Membership.objects.filter(user=cast.member).update(role=Role.REVIEWER)
    work(begun)

    begun.refresh_from_db()
    assert (begun.state, begun.done, begun.refused, len(binned())) == ("done", 50, 80, 50)


def test_whoever_left_meanwhile_changes_nothing_more(cast: SimpleNamespace, begun: BulkChange) -> None:
    Membership.objects.filter(user=cast.member).delete()

    work(begun)

    begun.refresh_from_db()
    assert (begun.state, binned()) == ("cancelled", set())


def test_what_was_restored_by_hand_is_not_counted_as_put_back(cast: SimpleNamespace, begun: BulkChange) -> None:
    work(begun)
    restore_image(Image.objects.filter(team=cast.team).select_related("generation", "team")[0], Actor(cast.member))
    begun.record_undoing()

    work(begun)

    begun.refresh_from_db()
    assert (begun.undone, binned()) == (129, set())


@pytest.mark.parametrize("who", ["owner", "reviewer", "stranger"])
def test_how_far_it_is_is_nobody_elses_business(
    cast: SimpleNamespace, browser_of: Browsers, begun: BulkChange, who: str
) -> None:
    browser = browser_of(who)

    answers = [
        browser.get(address("bulk-change", cast.team, begun.pk)),
        browser.post(address("bulk-cancellation", cast.team, begun.pk)),
        browser.post(address("bulk-undoing", cast.team, begun.pk)),
    ]

    begun.refresh_from_db()
    assert [answer.status_code for answer in answers] == [404] * 3
    assert begun.state == "running"


def test_a_selection_is_kept_while_something_is_done_to_it(begun: BulkChange) -> None:
    Selection.objects.update(made_at=timezone.now() - timedelta(days=2))

    tasks.delete_expired_selections.call()
    kept = Selection.objects.count()
    BulkChange.objects.update(state=BulkState.DONE)
    tasks.delete_expired_selections.call()

    assert (kept, BulkChange.objects.count()) == (1, 0)


def test_after_few_were_changed_the_gallery_is_where_one_was(cast: SimpleNamespace, browser_of: Browsers) -> None:
    picture(cast.team, cast.member, "A boat")
    mina = browser_of("member")
    selection = select_all(mina, cast.team, "?q=boat")

    done = change(mina, cast.team, "bin", selection=selection)

    assert done.redirect_chain[-1][0] == f"{address('index', cast.team)}?q=boat"
    assert open_gallery(mina, cast.team).status_code == 200


@pytest.mark.parametrize("state", [BulkState.DONE, "lost"])
def test_the_database_knows_every_state(cast: SimpleNamespace, state: str) -> None:
    selection = Selection.objects.create(team=cast.team, person=cast.member, is_all=True)
    fields = {"team": cast.team, "person": cast.member, "selection": selection, "act": "bin"}
    if state in BulkState.values:
        assert BulkChange.objects.create(**fields, state=state).pk
        return

    with pytest.raises(IntegrityError), transaction.atomic():
        BulkChange.objects.create(**fields, state=state)


@pytest.fixture
def tag(cast: SimpleNamespace) -> PictureTag:
    """A tag of the team's, on a picture of its own."""
    return add_tags(picture(cast.team, cast.owner), ["Harbour"])[0]


@pytest.fixture
def collection(cast: SimpleNamespace) -> Collection:
    return make_collection(cast.team, "Spring", actor=Actor(cast.owner))


def labelled(label: str) -> set[Any]:
    return {image.pk for image in Image.objects.all() if label in image.label_set}


def test_many_become_favourites_of_who_asked_and_undoing_leaves_what_was_one_before(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    images = [picture(cast.team, cast.owner) for _ in range(3)]
    mark_favourite(images[0], cast.reviewer)
    rob, label = browser_of("reviewer"), favourite_label(cast.reviewer.pk)

    response = change(rob, cast.team, "favourite", *images, favourite="1")
    marked = labelled(label)
    undo(rob, response)

    assert marked == {image.pk for image in images}
    assert labelled(label) == {images[0].pk}


def test_many_get_a_tag_and_undoing_takes_it_off_those_alone(
    cast: SimpleNamespace, browser_of: Browsers, tag: PictureTag
) -> None:
    images = [picture(cast.team, cast.owner) for _ in range(3)]
    add_tags(images[0], ["harbour"])
    before = labelled(tag_label(tag.pk))
    mina = browser_of("member")

    response = change(mina, cast.team, "tag", *images, tag=str(tag.pk))
    tagged = labelled(tag_label(tag.pk))
    undo(mina, response)

    assert "3 pictures have the tag now." in said(response)
    assert tagged == before | {image.pk for image in images}
    assert labelled(tag_label(tag.pk)) == before


def test_many_are_put_into_a_collection_and_a_private_one_is_not(
    cast: SimpleNamespace, browser_of: Browsers, collection: Collection
) -> None:
    shared = [picture(cast.team, cast.member) for _ in range(2)]
    private = picture(cast.team, cast.member, visibility=Visibility.PRIVATE)
    mina = browser_of("member")

    response = change(mina, cast.team, "collection", *shared, private, collection=str(collection.pk))
    inside = set(CollectionImage.objects.values_list("image", flat=True))
    undo(mina, response)

    assert "2 pictures are in the collection now." in said(response)
    assert inside == {image.pk for image in shared}
    assert not CollectionImage.objects.exists()


@pytest.mark.parametrize("act", ["tag", "collection"])
@pytest.mark.parametrize("value", ["", "x", str(uuid.UUID(int=0)), "of another team"])
def test_a_tag_or_collection_that_is_not_the_teams_changes_nothing(
    cast: SimpleNamespace, browser_of: Browsers, tag: PictureTag, collection: Collection, act: str, value: str
) -> None:
    image, elsewhere = picture(cast.team, cast.member), cast.stranger.memberships.get().team
    others = {
        "tag": add_tags(picture(elsewhere, cast.stranger), ["Harbour"])[0],
        "collection": make_collection(elsewhere, "Spring", actor=Actor(cast.stranger)),
    }
    chosen = str(others[act].pk) if value == "of another team" else value

    change(browser_of("member"), cast.team, act, image, **{act: chosen})

    assert Image.objects.get(pk=image.pk).labels == ""


@pytest.mark.parametrize("act", ["tag", "collection"])
def test_a_reviewer_is_not_offered_what_the_role_may_not_do(
    cast: SimpleNamespace, browser_of: Browsers, tag: PictureTag, collection: Collection, act: str
) -> None:
    image = picture(cast.team, cast.member)

    response = change(
        browser_of("reviewer"), cast.team, act, image, **{act: str({"tag": tag, "collection": collection}[act].pk)}
    )

    assert response.status_code == 403
    assert Image.objects.get(pk=image.pk).labels == ""
