"""A team with its first owner (interface.md, Commands)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TeamAction
from hubportal.teams.management.arguments import password_from_stdin, person_with
from hubportal.teams.models import Team


class Command(BaseCommand):
    help = "Make a team with its first owner. The last line printed is the team's slug alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--owner", metavar="EMAIL", required=True, help="made if new; taken as verified")
        parser.add_argument("--password-stdin", action="store_true", help="a new owner's password, one line")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        name = _checked(options["name"])
        password = password_from_stdin() if options["password_stdin"] else None
        owner, about = person_with(options["owner"], password)
        team = Team.objects.start(name, owner)
        AuditEntry.objects.record(team, TeamAction.STARTED, team, owner=owner.email)
        self.stdout.write(about)
        self.stdout.write(team.slug)


def _checked(name: str) -> str:
    try:
        return str(forms.CharField(max_length=Team._meta.get_field("name").max_length).clean(" ".join(name.split())))
    except ValidationError as error:
        raise CommandError(f"The team's name: {' '.join(error.messages)}") from None
