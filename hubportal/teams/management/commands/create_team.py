"""A team with its first owner (interface.md, Commands)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.audit.actor import SITE
from hubportal.teams.management.arguments import password_from_stdin, person_with
from hubportal.teams.teams import start_team


class Command(BaseCommand):
    help = "Make a team with its first owner. The last line printed is the team's slug alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--owner", metavar="EMAIL", required=True, help="made if new; taken as verified")
        parser.add_argument("--password-stdin", action="store_true", help="a new owner's password, one line")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        password = password_from_stdin() if options["password_stdin"] else None
        owner, about = person_with(options["owner"], password)
        try:
            team = start_team(" ".join(options["name"].split()), owner, actor=SITE)
        except ValidationError as error:
            raise CommandError(f"The team's name: {' '.join(error.messages)}") from None
        self.stdout.write(about)
        self.stdout.write(team.slug)
