"""Projects: their names, their end, and which one the next order is for."""

from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.generations.problems import SubmissionRefused
from hubportal.generations.submission import Submission, submit_generation
from hubportal.hub.client import GenerationParameters
from hubportal.teams.models import Team
from hubportal.usage.models import Project
from hubportal.usage.projects import (
    ProjectExistsError,
    archive_project,
    create_project,
    last_chosen,
    open_projects,
    rename_project,
    reopen_project,
    require_project,
)
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(cast: SimpleNamespace) -> Actor:
    return Actor(cast.admin)


def order(team: Team, author: object, project: Project | None = None) -> Submission:
    boat = GenerationParameters("gpt-image-2", "A red boat")
    return submit_generation(team, author, boat, project=project)


def test_a_name_is_trimmed_and_taken_once_whatever_its_case(cast: SimpleNamespace, actor: Actor) -> None:
    project = create_project(cast.team, "  Spring   campaign ", actor=actor)

    assert project.name == "Spring campaign"
    with pytest.raises(ProjectExistsError):
        create_project(cast.team, "SPRING campaign", actor=actor)
    other = create_project(cast.team, "Autumn", actor=actor)
    with pytest.raises(ProjectExistsError):
        rename_project(other, "spring campaign", actor=actor)
    assert Project.objects.get(pk=other.pk).name == "Autumn"


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_a_name_that_is_none_is_refused(cast: SimpleNamespace, actor: Actor, name: str) -> None:
    with pytest.raises(ValidationError):
        create_project(cast.team, name, actor=actor)


def test_each_act_is_in_the_audit_log_once(cast: SimpleNamespace, actor: Actor) -> None:
    project = create_project(cast.team, "Spring", actor=actor)
    for _ in range(2):
        rename_project(project, "Summer", actor=actor)
        archive_project(project, actor=actor)
    reopen_project(project, actor=actor)
    require_project(cast.team, True, actor=actor)
    require_project(cast.team, True, actor=actor)

    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == [
        "project.created",
        "project.renamed",
        "project.archived",
        "project.reopened",
        "project.required",
    ]


def test_the_next_order_is_for_the_project_of_the_last_one(cast: SimpleNamespace, actor: Actor) -> None:
    makers.make_key(cast.team)
    project = create_project(cast.team, "Spring", actor=actor)
    assert last_chosen(open_projects(cast.team, cast.member)) is None

    made = order(cast.team, cast.member, project)

    assert made.generation.project == project
    assert last_chosen(open_projects(cast.team, cast.member)) == project
    assert last_chosen(open_projects(cast.team, cast.admin)) is None
    archive_project(project, actor=actor)
    assert last_chosen(open_projects(cast.team, cast.member)) is None
    order(cast.team, cast.member)
    reopen_project(project, actor=actor)
    assert last_chosen(open_projects(cast.team, cast.member)) is None


def test_an_order_for_a_project_that_was_archived_meanwhile_is_refused(cast: SimpleNamespace, actor: Actor) -> None:
    makers.make_key(cast.team)
    project = create_project(cast.team, "Spring", actor=actor)
    archive_project(project, actor=actor)
    project.refresh_from_db()

    with pytest.raises(SubmissionRefused) as refusal:
        order(cast.team, cast.member, project)

    assert [(problem.code, problem.field) for problem in refusal.value.problems] == [("project-archived", "project")]


def test_a_team_may_want_a_project_with_each_order(cast: SimpleNamespace, actor: Actor) -> None:
    makers.make_key(cast.team)
    require_project(cast.team, True, actor=actor)

    with pytest.raises(SubmissionRefused) as refusal:
        order(cast.team, cast.member)

    assert [problem.code for problem in refusal.value.problems] == ["project-none-open"]
    create_project(cast.team, "Spring", actor=actor)
    with pytest.raises(SubmissionRefused) as refusal:
        order(cast.team, cast.member)
    assert [problem.code for problem in refusal.value.problems] == ["project-missing"]


def test_a_project_of_another_team_is_none(cast: SimpleNamespace, actor: Actor) -> None:
    makers.make_key(cast.team)
    theirs = Project.objects.create(team=cast.stranger.memberships.get().team, name="Spring")

    with pytest.raises(SubmissionRefused):
        order(cast.team, cast.member, theirs)
