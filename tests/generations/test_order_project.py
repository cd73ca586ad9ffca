"""What project an order is for: chosen in the form, kept, shown, looked for, and changed afterwards."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.generations.decisions import ProjectNotOpen, change_project
from hubportal.generations.models import Generation
from hubportal.generations.models.search import GENERATIONS, IMAGES
from hubportal.usage.models import DefaultProject, Project
from tests import makers
from tests.gallery.kept import keep
from tests.generations.pages import one, read, submit, words

pytestmark = pytest.mark.django_db
Browsers = Callable[[str], Any]


@pytest.fixture
def mina(cast: SimpleNamespace, browser_of: Browsers) -> Client:
    makers.make_key(cast.team)
    return browser_of("member")


@pytest.fixture
def spring(cast: SimpleNamespace) -> Project:
    return Project.objects.create(team=cast.team, name="Spring")


def archive(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())


def create_page(client: Client, team: Any, query: str = "") -> Any:
    return client.get(f"/t/{team.slug}/{query}")


def chosen(response: Any) -> str:
    return str(one(response, "#id_project option[selected]")["value"])


# The form ----------------------------------------------------------------------------------------------------------


def test_only_a_team_with_open_projects_is_asked(cast: SimpleNamespace, mina: Client) -> None:
    assert read(create_page(mina, cast.team)).select("[name=project]") == []

    spring = Project.objects.create(team=cast.team, name="Spring")
    Project.objects.create(team=cast.stranger.memberships.get().team, name="Elsewhere")
    options = read(create_page(mina, cast.team)).select("#id_project option")
    assert [option.get_text() for option in options] == ["No project", "Spring"]

    archive(spring)
    assert read(create_page(mina, cast.team)).select("[name=project]") == []


def test_an_order_is_for_the_project_that_was_chosen_and_so_is_the_next(
    cast: SimpleNamespace, mina: Client, spring: Project
) -> None:
    Project.objects.create(team=cast.team, name="Autumn")
    assert chosen(create_page(mina, cast.team)) == ""

    submit(mina, cast.team, project=str(spring.pk))

    assert Generation.objects.get().project == spring
    assert chosen(create_page(mina, cast.team)) == str(spring.pk)
    submit(mina, cast.team, prompt="Another", project="")
    assert Generation.objects.get(prompt="Another").project is None
    assert chosen(create_page(mina, cast.team)) == ""


@pytest.mark.parametrize("sent", ["nonsense", str(uuid.UUID(int=7)), "none", "' OR 1=1"])
def test_a_project_that_is_none_is_told_at_its_field_and_nothing_is_lost(
    cast: SimpleNamespace, mina: Client, spring: Project, sent: str
) -> None:
    answer = submit(mina, cast.team, htmx=True, prompt="A red boat at dusk", project=sent)

    assert answer.status_code == 422
    assert "no such project" in words(answer, "#id_project_error")
    assert one(answer, "#id_project")["aria-invalid"] == "true"
    assert "A red boat at dusk" in words(answer, "#id_prompt")
    assert not Generation.objects.exists()


def test_a_project_of_another_team_is_none(cast: SimpleNamespace, mina: Client, spring: Project) -> None:
    theirs = Project.objects.create(team=cast.stranger.memberships.get().team, name="Secret client")

    answer = submit(mina, cast.team, project=str(theirs.pk))

    assert answer.status_code == 422
    assert b"Secret client" not in answer.content


def test_one_that_was_archived_while_its_form_was_open_is_told_by_name(
    cast: SimpleNamespace, mina: Client, spring: Project
) -> None:
    archive(spring)

    answer = submit(mina, cast.team, project=str(spring.pk))

    assert answer.status_code == 422
    assert "Spring is archived" in words(answer, "#id_project_error")


def test_where_each_order_needs_one_the_form_says_so(cast: SimpleNamespace, mina: Client, spring: Project) -> None:
    cast.team.requires_project = True
    cast.team.save(update_fields=["requires_project"])
    assert words(create_page(mina, cast.team), "#id_project option[selected]") == "Choose a project"

    assert "Choose the project" in words(submit(mina, cast.team), "#id_project_error")
    archive(spring)
    assert "owner or admin of your team can add one" in words(submit(mina, cast.team), "#id_project_error")
    assert not Generation.objects.exists()


def test_what_was_chosen_survives_a_failed_submit(cast: SimpleNamespace, mina: Client, spring: Project) -> None:
    answer = submit(mina, cast.team, prompt="", project=str(spring.pk))

    assert answer.status_code == 422
    assert chosen(answer) == str(spring.pk)


def test_a_remix_is_for_the_same_project_or_for_none(cast: SimpleNamespace, mina: Client, spring: Project) -> None:
    other = Project.objects.create(team=cast.team, name="Other")
    DefaultProject.objects.create(team=cast.team, user=cast.member, project=other)
    for_spring, for_none = (
        makers.make_generation(cast.team, cast.owner, project=project) for project in (spring, None)
    )

    assert chosen(create_page(mina, cast.team, f"?again={for_spring.pk}")) == str(spring.pk)
    assert chosen(create_page(mina, cast.team, f"?again={for_none.pk}")) == ""
    archive(spring)
    assert chosen(create_page(mina, cast.team, f"?again={for_spring.pk}")) == str(other.pk)


def test_the_form_asks_once_for_the_projects(cast: SimpleNamespace, mina: Client, spring: Project) -> None:
    with CaptureQueriesContext(connection) as queries:
        create_page(mina, cast.team)

    assert len([query for query in queries if 'FROM "usage_project"' in query["sql"]]) == 1


# Where it is shown, and found --------------------------------------------------------------------------------------


def pages_of(client: Client, generation: Generation) -> list[str]:
    team, image = generation.team.slug, generation.images.get()
    addresses = [
        reverse("generations:list", args=[team]),
        reverse("generations:detail", args=[team, generation.pk]),
        reverse("gallery:index", args=[team]),
        reverse("gallery:picture", args=[team, image.pk]),
    ]
    return [client.get(address).content.decode() for address in addresses]


def test_a_new_name_is_shown_at_once_everywhere(cast: SimpleNamespace, browser_of: Browsers, spring: Project) -> None:
    caches["template_fragments"].clear()
    generation = makers.make_generation(cast.team, cast.member, project=spring)
    keep(generation)
    Generation.objects.filter(pk=generation.pk).update(
        state="succeeded", finished_at=timezone.now(), hub_id="clx_1", charged=8, due_at=None
    )
    GENERATIONS.update([generation.pk])
    assert all("Spring" in page for page in pages_of(browser_of("owner"), generation))

    Project.objects.update(name="Vernissage")

    for page in pages_of(browser_of("owner"), generation):
        assert "Vernissage" in page
        assert "Spring" not in page


@pytest.mark.parametrize("page", ["generations:list", "gallery:index"])
def test_lists_can_be_narrowed_to_a_project_or_to_none(
    cast: SimpleNamespace, browser_of: Browsers, spring: Project, page: str
) -> None:
    for prompt, project in (("For spring", spring), ("For nothing", None)):
        keep(makers.make_generation(cast.team, cast.member, prompt, project=project))
    archive(spring)
    place, owner = reverse(page, args=[cast.team.slug]), browser_of("owner")

    def shown(query: str) -> set[str]:
        found = read(owner.get(place + query)).select_one("main")
        assert found
        return {words for words in ("For spring", "For nothing") if words in str(found)}

    assert shown(f"?project={spring.pk}") == {"For spring"}
    assert shown("?project=none") == {"For nothing"}
    assert shown("") == {"For spring", "For nothing"}
    options = [option.get_text() for option in read(owner.get(place)).select("select[name=project] option")]
    assert options == ["Any", "Spring", "None"]


@pytest.mark.parametrize("page", ["generations:list", "gallery:index"])
def test_a_filter_by_a_project_that_is_none_is_told_and_left_out(
    cast: SimpleNamespace, browser_of: Browsers, page: str
) -> None:
    place = reverse(page, args=[cast.team.slug])
    assert read(browser_of("owner").get(place)).select("[name=project]") == []

    answer = browser_of("owner").get(place, {"project": str(uuid.UUID(int=7))})

    assert answer.status_code == 422
    assert "no such project" in words(answer, ".field-error")


def test_rows_of_the_history_are_not_read_one_by_one_for_their_project(
    cast: SimpleNamespace, browser_of: Browsers, spring: Project
) -> None:
    owner, place = browser_of("owner"), reverse("generations:list", args=[cast.team.slug])
    for number in range(3):
        makers.make_generation(cast.team, cast.member, f"Boat {number}", project=spring)
    owner.get(place)
    with CaptureQueriesContext(connection) as few:
        owner.get(place)
    for number in range(3, 20):
        makers.make_generation(cast.team, cast.member, f"Boat {number}", project=spring)

    with CaptureQueriesContext(connection) as many:
        owner.get(place)

    assert len(many) == len(few)


# Moving it ---------------------------------------------------------------------------------------------------------


def move(client: Client, generation: Generation, project: object) -> Any:
    place = reverse("generations:project", args=[generation.team.slug, generation.pk])
    return client.post(place, {"project": project}, follow=True)


@pytest.mark.parametrize("who", ["member", "admin", "owner"])
def test_its_author_and_admins_move_it(cast: SimpleNamespace, browser_of: Browsers, spring: Project, who: str) -> None:
    generation = makers.make_generation(cast.team, cast.member)
    keep(generation)

    said = move(browser_of(who), generation, spring.pk)

    assert "It is for Spring from now on." in words(said, "#messages")
    assert Generation.objects.get().project == spring
    entry = AuditEntry.objects.get(action="generation.moved")
    assert (entry.by, entry.detail) == (getattr(cast, who), {"before": "–", "after": "Spring"})
    gallery = browser_of(who).get(reverse("gallery:index", args=[cast.team.slug]), {"project": spring.pk})
    assert len(read(gallery).select(".gallery-item")) == 1
    move(browser_of(who), generation, "")
    assert Generation.objects.get().project is None


def test_others_do_not(cast: SimpleNamespace, browser_of: Browsers, spring: Project) -> None:
    generation = makers.make_generation(cast.team, cast.owner)
    private = makers.make_generation(cast.team, cast.member, visibility="private")

    assert move(browser_of("member"), generation, spring.pk).status_code == 403
    assert move(browser_of("reviewer"), generation, spring.pk).status_code == 403
    assert move(browser_of("owner"), private, spring.pk).status_code == 404
    assert move(browser_of("stranger"), generation, spring.pk).status_code == 404
    detail = browser_of("member").get(reverse("generations:detail", args=[cast.team.slug, generation.pk]))
    assert "Move it to another project" not in detail.content.decode()
    assert set(Generation.objects.values_list("project", flat=True)) == {None}


def test_it_goes_to_no_archived_project_and_not_to_another_teams(
    cast: SimpleNamespace, browser_of: Browsers, spring: Project
) -> None:
    theirs = Project.objects.create(team=cast.stranger.memberships.get().team, name="Theirs")
    generation = makers.make_generation(cast.team, cast.member)
    archive(spring)

    for project in (spring, theirs):
        answer = move(browser_of("member"), generation, project.pk)
        assert answer.status_code == 422
        assert "no such open project" in answer.content.decode()
    assert Generation.objects.get().project is None


def test_one_archived_between_the_form_and_the_act_is_refused(cast: SimpleNamespace, spring: Project) -> None:
    generation = makers.make_generation(cast.team, cast.member)
    archive(spring)

    with pytest.raises(ProjectNotOpen):
        change_project(generation, spring, Actor(cast.member))

    assert Generation.objects.get().project is None


def test_one_of_an_archived_project_stays_where_nobody_chooses(
    cast: SimpleNamespace, browser_of: Browsers, spring: Project
) -> None:
    generation = makers.make_generation(cast.team, cast.member, project=spring)
    archive(spring)

    detail = browser_of("member").get(reverse("generations:detail", args=[cast.team.slug, generation.pk]))
    assert one(detail, "#move_project option[selected]")["value"] == str(spring.pk)
    move(browser_of("member"), generation, spring.pk)

    assert Generation.objects.get().project == spring
    assert not AuditEntry.objects.filter(action="generation.moved").exists()


def test_a_document_of_a_moved_picture_follows(cast: SimpleNamespace, spring: Project) -> None:
    image = keep(makers.make_generation(cast.team, cast.member))
    generation = image.generation
    generation.record_project(spring)

    image.refresh_from_db()
    described = IMAGES.describe(image)
    assert described
    assert f"p{spring.pk.hex}" in described.facts
