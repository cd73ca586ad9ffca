"""`manage.py set_budget` (interface.md, Commands)."""

import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from hubportal.audit.models import AuditEntry
from hubportal.usage.models import Budget, Project
from tests import makers

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = io.StringIO()
    call_command("set_budget", *words, stdout=out)
    return out.getvalue().strip()


def test_a_number_sets_0_closes_and_none_lifts(cast: SimpleNamespace):
    assert run(cast.team.slug, "500") == "The whole team: 500 credits a month, and no more."
    assert run(cast.team.slug, "0") == "The whole team: 0 credits a month, and no more."
    assert Budget.objects.get().credits == 0
    assert run(cast.team.slug, "none") == "The whole team: no budget any more."
    assert run(cast.team.slug, "none") == "The whole team: there was no budget."
    assert not Budget.objects.exists()
    assert [entry.by for entry in AuditEntry.objects.all()] == [None] * 3


def test_it_is_for_a_person_a_project_or_a_key_and_hard_unless_soft(cast: SimpleNamespace):
    project = Project.objects.create(team=cast.team, name="Harbour series")
    key = makers.make_key(cast.team, label="Main")

    run(cast.team.slug, "10", "--person", "MINA@example.org", "--soft")
    run(cast.team.slug, "20", "--project", "harbour  series")
    run(cast.team.slug, "30", "--key", "Main")

    found = {
        budget.credits: (budget.person, budget.project, budget.key, budget.is_hard) for budget in Budget.objects.all()
    }
    assert found == {
        10: (cast.member, None, None, False),
        20: (None, project, None, True),
        30: (None, None, key, True),
    }


def test_the_budget_of_somebody_who_left_can_be_lifted(cast: SimpleNamespace):
    run(cast.team.slug, "10", "--person", "mina@example.org")
    cast.team.memberships.get(user=cast.member).delete()

    assert run(cast.team.slug, "none", "--person", "mina@example.org") == "Mina: no budget any more."


@pytest.mark.parametrize("credits", ["-5", "2147483648", "9" * 5000, "1.5", "many", "", "٥", "1_0"])
def test_what_is_no_budget_is_refused_in_a_sentence(cast: SimpleNamespace, credits: str):
    with pytest.raises(CommandError, match="is no budget: give credits from 0 to 2147483647, or none"):
        run(cast.team.slug, credits)

    assert not Budget.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "5"], "There is no team 'nowhere'"),
        (["studio-north", "5", "--person", "stan@example.org"], "Nobody in Studio North has the address"),
        (["studio-north", "5", "--person", "x"], "Nobody in Studio North has the address 'x'"),
        (["studio-north", "5", "--project", "Moon"], "Studio North has no project 'Moon'"),
        (["studio-north", "5", "--key", "Moon"], "Studio North has no key 'Moon'"),
        (["studio-north", "5", "--key", "A", "--person", "x"], "not allowed with argument"),
    ],
)
def test_what_it_cannot_find_it_says(cast: SimpleNamespace, words: list[str], said: str):
    with pytest.raises(CommandError, match=said):
        run(*words)


def test_two_keys_of_one_name_are_not_guessed_between(cast: SimpleNamespace):
    makers.make_key(cast.team, label="Main")
    makers.make_key(cast.team, label="Main")

    with pytest.raises(CommandError, match="2 keys called 'Main'"):
        run(cast.team.slug, "5", "--key", "Main")
