"""A monthly budget of a team, a person, a project or a key (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubportal.accounts.models import User
from hubportal.audit.actor import SITE
from hubportal.keys.models import Key
from hubportal.teams.management.arguments import team_called
from hubportal.teams.models import Team
from hubportal.usage.budget_wording import name_of_budget
from hubportal.usage.budgets import Subject, lift_budget, set_budget
from hubportal.usage.models import Budget, Project
from hubportal.usage.models.budget import MAX_BUDGET


class Command(BaseCommand):
    help = (
        "Set how many credits a team, or a person, project or key of it, may take in a calendar month of the team's. "
        "0 closes; none lifts the budget."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("team", metavar="TEAM", help="its slug")
        parser.add_argument("credits", metavar="CREDITS", help="a number, or none")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--person", metavar="EMAIL", help="a member's budget instead of the whole team's")
        whose.add_argument("--project", metavar="NAME")
        whose.add_argument("--key", metavar="LABEL")
        parser.add_argument("--soft", action="store_true", help="only warn, and stop nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        credits = _credits(options["credits"])
        team = team_called(options["team"])
        subject = Subject.of(_about(team, options["person"], options["project"], options["key"]))
        name = name_of_budget(Budget(team=team, **subject.fields))
        if credits is None:
            lifted = lift_budget(team, subject, actor=SITE)
            self.stdout.write(f"{name}: {'no budget any more.' if lifted else 'there was no budget.'}")
            return
        set_budget(team, subject, credits, is_hard=not options["soft"], actor=SITE)
        effect = "which only warns" if options["soft"] else "and no more"
        self.stdout.write(f"{name}: {credits:,} credits a month, {effect}.")


def _credits(typed: str) -> int | None:
    if typed == "none":
        return None
    # Not int(): it reads "1_0", and digits of every script.
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 10 and int(typed) <= MAX_BUDGET):
        raise CommandError(f"{typed!r} is no budget: give credits from 0 to {MAX_BUDGET}, or none to lift it.")
    return int(typed)


def _about(team: Team, email: str | None, project: str | None, label: str | None) -> User | Project | Key | None:
    if email is not None:
        return _person(team, email)
    if project is not None:
        found = Project.objects.filter(team=team, name__iexact=" ".join(project.split())).first()
        if found is None:
            raise CommandError(f"{team} has no project {project!r}.")
        return found
    return None if label is None else _key(team, label)


def _person(team: Team, email: str) -> User:
    """Also somebody who has left, while their budget is still there."""
    user = User.objects.filter(email__iexact=email).first()
    known = user and (
        team.memberships.filter(user=user).exists() or Budget.objects.filter(team=team, person=user).exists()
    )
    if user is None or not known:
        raise CommandError(f"Nobody in {team} has the address {email!r}.")
    return user


def _key(team: Team, label: str) -> Key:
    keys = list(Key.objects.serving().filter(team=team, label=label))
    if not keys:
        raise CommandError(f"{team} has no key {label!r}.")
    if len(keys) > 1:
        raise CommandError(f"{team} has {len(keys)} keys called {label!r}: rename one on the Keys page first.")
    return keys[0]
