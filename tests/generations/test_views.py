"""The pages of the room, through their addresses: who may see and do what, with scripts and without."""

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hubportal.generations import tasks
from hubportal.generations.models import Generation, ReferenceFile, State, Visibility
from hubportal.generations.timing import UNUSED_REFERENCE_RETENTION
from hubportal.teams.models import Membership
from tests import makers
from tests.generations.pages import add_image, add_picture, one, put, read, submit, words

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Client]


@pytest.fixture
def generation(cast: SimpleNamespace) -> Generation:
    return makers.make_generation(cast.team, cast.member)


@pytest.fixture
def mina(cast: SimpleNamespace, browser_of: Browsers) -> Client:
    makers.make_key(cast.team)
    return browser_of("member")


def queries_of(client: Client, address: str, **headers: str) -> int:
    client.get(address)
    # What is rendered already is not read again.
    caches["template_fragments"].clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=headers or None).status_code == 200
    return len(queries)


# Who may ---------------------------------------------------------------------------------------------------


def test_a_reviewer_reads_why_there_is_no_form_and_gets_403_for_sending_one(
    cast: SimpleNamespace, browser_of: Browsers
):
    makers.make_key(cast.team)
    rob = browser_of("reviewer")

    page = rob.get(f"/t/{cast.team.slug}/")

    assert not read(page).select("#prompt-form")
    assert "Making pictures is for members" in words(page, "main")
    assert submit(rob, cast.team).status_code == 403
    assert not Generation.objects.exists()


@pytest.mark.parametrize("path", ["generations/{pk}/", "generations/{pk}/card/"])
def test_private_work_is_its_authors_alone(
    cast: SimpleNamespace, browser_of: Browsers, generation: Generation, path: str
):
    Generation.objects.update(visibility=Visibility.PRIVATE)
    address = f"/t/{cast.team.slug}/{path.format(pk=generation.pk)}"

    assert browser_of("owner").get(address).status_code == 404
    assert browser_of("member").get(address).status_code == 200
    for page_of_many in ("", "generations/"):
        assert not read(browser_of("owner").get(f"/t/{cast.team.slug}/{page_of_many}")).select("[data-generation]")


@pytest.mark.parametrize("path", ["generations/{pk}/", "generations/{pk}/card/"])
def test_work_of_another_team_is_not_found_under_this_ones_address(
    cast: SimpleNamespace, browser_of: Browsers, path: str
):
    theirs = makers.make_generation(cast.stranger.memberships.get().team, cast.stranger)

    assert browser_of("owner").get(f"/t/{cast.team.slug}/{path.format(pk=theirs.pk)}").status_code == 404


# The form and what it starts -------------------------------------------------------------------------------


def test_the_form_has_the_promised_fields_and_goes_to_the_promised_address(mina: Client, cast: SimpleNamespace):
    page = mina.get(f"/t/{cast.team.slug}/")

    form = one(page, "form#prompt-form")
    assert form["action"] == form["hx-post"] == f"/t/{cast.team.slug}/generations/"
    assert form["enctype"] == "multipart/form-data"
    names = {str(field["name"]) for field in form.select("[name]")}
    assert names >= {"prompt", "model", "size", "quality", "n", "references", "visibility", "token"}
    assert [option["value"] for option in form.select("[name=quality] option")] == ["auto", "low", "medium", "high"]
    assert words(page, "#price") == "· 8 credits"
    assert len(read(page).select("h1")) == 1


def test_sending_answers_htmx_with_the_card_a_fresh_token_and_what_is_left(mina: Client, cast: SimpleNamespace):
    token = str(uuid.uuid4())

    response = submit(mina, cast.team, htmx=True, token=token, n="2")

    made = Generation.objects.get()
    card = one(response, f"#generation-{made.pk}")
    assert (card["data-generation"], card["data-state"]) == (str(made.pk), "waiting")
    assert one(response, "#token[hx-swap-oob]")["value"] != token
    assert words(response, "#credits[hx-swap-oob]") == "1,000 left · 16 reserved"
    assert words(response, "#left[hx-swap-oob]") == "1,000 left"
    assert one(response, "#left[hx-swap-oob]")["data-free"] == "984"
    assert set(json.loads(response.headers["HX-Trigger"])) == {"submitted", "announce"}


def test_sending_the_same_form_again_replaces_its_card(mina: Client, cast: SimpleNamespace):
    token = str(uuid.uuid4())
    submit(mina, cast.team, htmx=True, token=token)

    again = submit(mina, cast.team, htmx=True, token=token)

    made = Generation.objects.get()
    assert one(again, "li[hx-swap-oob=delete]")["id"] == f"place-{made.pk}"
    assert len(read(again).select(".card")) == 1


def test_sending_hands_the_generation_to_the_worker_once(
    mina: Client, cast: SimpleNamespace, django_capture_on_commit_callbacks: Callable, monkeypatch: pytest.MonkeyPatch
):
    nudged: list[str] = []
    monkeypatch.setattr(type(tasks.send), "enqueue", lambda task: nudged.append(task.name))
    token = str(uuid.uuid4())

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            submit(mina, cast.team, token=token)

    assert Generation.objects.count() == 1
    assert nudged == ["send"]


def test_a_form_with_errors_comes_back_alone_to_htmx_and_in_its_page_to_others(mina: Client, cast: SimpleNamespace):
    fragment = submit(mina, cast.team, htmx=True, n="5")
    page = submit(mina, cast.team, n="5")

    assert fragment.status_code == page.status_code == 422
    assert (fragment.headers["HX-Retarget"], fragment.headers["HX-Reswap"]) == ("#prompt-form", "outerHTML")
    assert not read(fragment).select("h1")
    assert one(fragment, "#prompt-form") is not None
    assert one(page, "h1") is not None


def test_without_scripts_one_lands_on_a_page_that_keeps_itself_fresh_until_all_is_done(
    mina: Client, cast: SimpleNamespace
):
    landed = submit(mina, cast.team)
    made = Generation.objects.get()
    assert landed.headers["Location"] == f"/t/{cast.team.slug}/?watch#generation-{made.pk}"

    waiting = mina.get(f"/t/{cast.team.slug}/?watch")
    put(made, State.FAILED)
    done = mina.get(f"/t/{cast.team.slug}/?watch")

    assert one(waiting, "noscript meta[http-equiv=refresh]")["content"] == f"5; url=/t/{cast.team.slug}/?watch"
    assert not read(waiting).select("#prompt-form")
    assert not read(done).select("meta[http-equiv=refresh]")
    assert one(done, "#prompt-form") is not None


def test_a_page_with_a_form_never_reloads_under_the_person_typing(mina: Client, cast: SimpleNamespace):
    makers.make_generation(cast.team, cast.member)

    assert not read(mina.get(f"/t/{cast.team.slug}/")).select("meta[http-equiv=refresh]")


@pytest.mark.parametrize(("who", "links"), [("admin", 1), ("member", 0)])
def test_without_a_key_the_form_is_there_and_says_who_can_add_one(
    cast: SimpleNamespace, browser_of: Browsers, who: str, links: int
):
    page = browser_of(who).get(f"/t/{cast.team.slug}/")

    assert one(page, "#prompt-form") is not None
    banner = one(page, ".banner")
    assert "no hub key that works" in banner.get_text()
    assert len(banner.select(f'a[href="/t/{cast.team.slug}/keys/"]')) == links


def test_an_empty_page_offers_six_examples_that_work_as_links(mina: Client, cast: SimpleNamespace):
    address = f"/t/{cast.team.slug}/"

    examples = read(mina.get(address)).select("a.example")

    assert len(examples) == 6
    filled = mina.get(address + str(examples[1]["href"]))
    assert one(filled, "[name=prompt]").get_text().strip() == examples[1].get_text()


def test_a_generation_can_be_used_again_with_all_that_was_chosen(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, size="2048x2048", n="3", quality="low", visibility="private", references=[makers.upload()])
    made = Generation.objects.get()

    page = mina.get(f"/t/{cast.team.slug}/?again={made.pk}")

    chosen = {name: one(page, f"[name={name}] [selected]")["value"] for name in ("size", "quality", "visibility")}
    assert chosen == {"size": "2048x2048", "quality": "low", "visibility": "private"}
    assert one(page, "[name=n][checked]")["value"] == "3"
    assert one(page, "[name=prompt]").get_text().strip() == "A red boat"
    assert len(read(page).select("[name=kept]")) == 1


@pytest.mark.parametrize("again", ["nonsense", "6d4602dd-2512-448f-8391-9d6f7649d06c"])
def test_nothing_is_used_again_where_there_is_nothing(mina: Client, cast: SimpleNamespace, again: str):
    page = mina.get(f"/t/{cast.team.slug}/?again={again}")

    assert one(page, "[name=prompt]").get_text().strip() == ""


def test_nobody_uses_again_what_they_may_not_see(cast: SimpleNamespace, browser_of: Browsers):
    private = makers.make_generation(cast.team, cast.owner, visibility=Visibility.PRIVATE)

    page = browser_of("member").get(f"/t/{cast.team.slug}/?again={private.pk}")

    assert one(page, "[name=prompt]").get_text().strip() == ""


def test_only_mine_leaves_out_the_teams(mina: Client, cast: SimpleNamespace):
    mine = makers.make_generation(cast.team, cast.member)
    makers.make_generation(cast.team, cast.owner)

    shown = read(mina.get(f"/t/{cast.team.slug}/?mine")).select(".card")

    assert [card["data-generation"] for card in shown] == [str(mine.pk)]


# Kept references -------------------------------------------------------------------------------------------


@pytest.fixture
def token(mina: Client, cast: SimpleNamespace) -> str:
    """What a form that came back carries for Mina's reference."""
    return str(one(submit(mina, cast.team, prompt="", references=[makers.upload()]), "[name=kept]")["value"])


def test_a_reference_in_a_form_is_shown_to_whoever_uploaded_it(mina: Client, cast: SimpleNamespace, token: str):
    response = mina.get(f"/t/{cast.team.slug}/references/{token}/")

    assert b"".join(response.streaming_content) == makers.picture_bytes()
    assert response.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize(("who", "status"), [("owner", 404), ("reviewer", 403), ("stranger", 404)])
def test_a_reference_in_a_form_is_shown_to_nobody_else(
    cast: SimpleNamespace, browser_of: Browsers, token: str, who: str, status: int
):
    assert browser_of(who).get(f"/t/{cast.team.slug}/references/{token}/").status_code == status


def test_a_reference_in_a_form_is_gone_when_nobody_used_it_in_time(mina: Client, cast: SimpleNamespace, token: str):
    ReferenceFile.objects.delete_unused(timezone.now() + UNUSED_REFERENCE_RETENTION + timedelta(minutes=1))

    assert mina.get(f"/t/{cast.team.slug}/references/{token}/").status_code == 404


def test_an_order_waits_when_a_reference_of_its_form_is_gone_or_not_the_persons(
    mina: Client, cast: SimpleNamespace, browser_of: Browsers, token: str
):
    gone = "is not here any more, so nothing was sent. Choose it again, or do without it."
    other = submit(browser_of("owner"), cast.team, kept=token)
    ReferenceFile.objects.delete_unused(timezone.now() + UNUSED_REFERENCE_RETENTION + timedelta(minutes=1))
    mine = submit(mina, cast.team, kept=[token, "garbled"], references=[makers.upload("new.png")])

    assert (other.status_code, mine.status_code) == (422, 422)
    assert words(other, "#id_references_error") == f"A reference image {gone}"
    assert words(mine, "#id_references_error") == f"boat.png {gone} A reference image {gone}"
    assert [image["alt"] for image in read(mine).select(".ref-list img")] == ["new.png"]
    assert not Generation.objects.exists()


@pytest.mark.parametrize(
    ("count", "files"), [("2", ["a.png"]), ("0", ["a.png"]), ("1", []), ("nonsense", ["a.png"]), (None, "text")]
)
def test_an_order_waits_when_other_references_arrive_than_the_form_showed(
    mina: Client, cast: SimpleNamespace, count: str | None, files: list[str] | str
):
    references = files if isinstance(files, str) else [makers.upload(name) for name in files]

    response = submit(mina, cast.team, references=references, reference_count=count)

    assert response.status_code == 422
    assert "not all that the form showed, so nothing was sent" in words(response, "#id_references_error")
    assert not Generation.objects.exists()


def test_an_order_goes_out_with_as_many_references_as_the_form_showed(mina: Client, cast: SimpleNamespace, token: str):
    submit(mina, cast.team, kept=token, references=[makers.upload("more.png")], reference_count="2")

    assert Generation.objects.get().references.count() == 2


# One generation, whole -------------------------------------------------------------------------------------


@pytest.fixture
def done(cast: SimpleNamespace, generation: Generation) -> Generation:
    add_picture(generation)
    fields = {"hub_status": "succeeded", "tier": "1K", "aspect_ratio": "4:3", "charged": 16, "returned": 8, "n": 2}
    return put(generation, State.SUCCEEDED, answered_at=timezone.now(), key=makers.make_key(cast.team), **fields)


def facts(response) -> dict[str, str]:
    rows = read(response).select(".facts > div")
    return {row.select("dt")[0].get_text(): " ".join(row.select("dd")[0].get_text(" ").split()) for row in rows}


def test_the_whole_page_tells_what_was_asked_and_what_came(
    cast: SimpleNamespace, browser_of: Browsers, done: Generation
):
    page = browser_of("member").get(f"/t/{cast.team.slug}/generations/{done.pk}/")

    told = facts(page)
    assert (told["Size"], told["Effort"]) == ("Auto asked, 4:3 · 1K delivered", "Auto")
    assert (told["Price at the time"], told["Credits"]) == (
        "8 credits",
        "16 charged, 8 returned The hub charged 16, we expected 8.",
    )
    assert (told["Pictures"], told["By"]) == ("1 of 2", "Mina")
    assert done.key
    assert told["Key"] == f"Main ···{done.key.last_four}"
    assert words(page, "#whole-prompt") == "A red boat"
    picture = one(page, "img[data-image]")
    assert picture["src"] == f"/media/{picture['data-image']}/original"
    assert one(page, "a[download]")["href"] == f"/media/{picture['data-image']}/download"
    assert len(read(page).select("h1")) == 1


def test_the_whole_page_says_when_another_key_than_the_default_was_used(
    cast: SimpleNamespace, browser_of: Browsers, done: Generation
):
    spare = makers.make_key(cast.team, label="Spare")
    Generation.objects.update(key=spare)
    address = f"/t/{cast.team.slug}/generations/{done.pk}/"

    present = facts(browser_of("member").get(address))["Key"]
    spare.destroy_secret()
    removed = facts(browser_of("member").get(address))["Key"]

    assert present == f"Spare ···{spare.last_four}, not the team's default"
    assert removed == f"Spare ···{spare.last_four}, removed since"


@pytest.mark.parametrize(("who", "seen"), [("admin", True), ("member", False), ("reviewer", False)])
def test_the_hubs_id_and_word_are_for_admins(
    cast: SimpleNamespace, browser_of: Browsers, done: Generation, who: str, seen: bool
):
    told = facts(browser_of(who).get(f"/t/{cast.team.slug}/generations/{done.pk}/"))

    assert (told.get("Its id"), told.get("Its word")) == ((done.hub_id, "succeeded") if seen else (None, None))


def test_the_whole_page_says_how_long_a_missing_picture_is_tried(
    cast: SimpleNamespace, browser_of: Browsers, done: Generation
):
    add_image(done, 1, tries=2, problem="gone")

    page = browser_of("member").get(f"/t/{cast.team.slug}/generations/{done.pk}/")

    captions = [caption.get_text() for caption in read(page).select("figcaption")]
    assert "can't be fetched yet. We try again by ourselves until" in captions[1]


def test_the_whole_page_shows_the_references_by_their_own_addresses(mina: Client, cast: SimpleNamespace):
    submit(mina, cast.team, references=[makers.upload("harbour.png")])
    made = Generation.objects.get()

    page = mina.get(f"/t/{cast.team.slug}/generations/{made.pk}/")

    shown = one(page, ".ref img")
    assert (shown["alt"], shown["src"]) == ("harbour.png", f"/media/{made.references.get().pk}/reference-thumb")


def test_the_whole_page_is_drawn_anew_only_when_something_changed(
    cast: SimpleNamespace, browser_of: Browsers, generation: Generation
):
    mina, address = browser_of("member"), f"/t/{cast.team.slug}/generations/{generation.pk}/"
    ask = one(mina.get(address), "article[data-generation]")["hx-get"]

    unchanged = mina.get(str(ask), headers={"HX-Request": "true"})
    put(generation, State.RUNNING)
    changed = mina.get(str(ask), headers={"HX-Request": "true"})

    assert unchanged.status_code == 204
    assert one(changed, f"#generation-{generation.pk}")["data-state"] == "running"
    assert not read(changed).select("title")


def test_the_whole_page_refreshes_without_scripts_only_while_something_moves(
    cast: SimpleNamespace, browser_of: Browsers, generation: Generation
):
    mina, address = browser_of("member"), f"/t/{cast.team.slug}/generations/{generation.pk}/"

    moving = mina.get(address)
    put(generation, State.FAILED)

    assert one(moving, "noscript meta[http-equiv=refresh]")["content"] == f"5; url={address}"
    assert not read(mina.get(address)).select("meta[http-equiv=refresh]")


# Cost ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "generations/", "cards/?card={stale}"])
def test_the_number_of_queries_does_not_grow_with_the_rows(
    mina: Client, cast: SimpleNamespace, done: Generation, path: str
):
    few = queries_of(mina, f"/t/{cast.team.slug}/{path.format(stale=f'{done.pk}.0')}")

    more = [put(makers.make_generation(cast.team, cast.owner), State.SUCCEEDED) for _ in range(6)]
    for generation in more:
        add_picture(generation)
    more += [put(makers.make_generation(cast.team, cast.member), State.FAILED) for _ in range(3)]
    more += [put(makers.make_generation(cast.team, cast.member), State.UNKNOWN) for _ in range(3)]
    stale = "&card=".join(f"{generation.pk}.0" for generation in [done, *more])

    assert queries_of(mina, f"/t/{cast.team.slug}/{path.format(stale=stale)}") == few


def test_a_poll_of_twelve_moving_cards_writes_nothing(mina: Client, cast: SimpleNamespace):
    moving = [put(makers.make_generation(cast.team, cast.member), State.RUNNING) for _ in range(12)]
    Generation.objects.update(due_at=timezone.now() + timedelta(minutes=8))
    cards = "&card=".join(f"{one.pk}.{Generation.objects.get(pk=one.pk).version}" for one in moving)

    mina.get(f"/t/{cast.team.slug}/")  # which notes the team that was opened last

    with CaptureQueriesContext(connection) as queries:
        response = mina.get(f"/t/{cast.team.slug}/cards/?card={cards}")

    assert response.status_code == 204
    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []


def test_polls_of_pages_open_in_two_teams_write_nothing_and_leave_the_last_opened_team(
    mina: Client, cast: SimpleNamespace
):
    other = makers.make_team("Elsewhere", cast.member)
    mina.get(f"/t/{cast.team.slug}/")
    mina.get(f"/t/{other.slug}/")

    with CaptureQueriesContext(connection) as queries:
        for team in (cast.team, other, cast.team):
            assert mina.get(f"/t/{team.slug}/cards/", headers={"HX-Request": "true"}).status_code == 204

    assert [query["sql"] for query in queries if not query["sql"].startswith("SELECT")] == []
    assert Membership.objects.of(cast.member)[0].team == other
