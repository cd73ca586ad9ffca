"""Adding somebody to a team (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.audit.actor import SITE
from hubportal.teams.management.arguments import password_from_stdin, person_with, team_called
from hubportal.teams.memberships import AlreadyMemberError, add_member
from hubportal.teams.permissions import Role


class Command(BaseCommand):
    help = "Take somebody into a team, making their account if they have none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("team", metavar="TEAM", help="its slug")
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--role", metavar="ROLE", required=True, help=", ".join(Role.values))
        parser.add_argument("--password-stdin", action="store_true", help="a new person's password, one line")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if options["role"] not in Role.values:
            raise CommandError(f"There is no role {options['role']!r}: it is one of {', '.join(Role.values)}.")
        team = team_called(options["team"])
        password = password_from_stdin() if options["password_stdin"] else None
        user, about = person_with(options["email"], password)
        try:
            membership = add_member(team, user, Role(options["role"]), actor=SITE)
        except AlreadyMemberError as error:
            role = error.membership.role
            raise CommandError(f"{user.email} is in {team} already, as {role}. Nothing was changed.") from None
        self.stdout.write(about)
        self.stdout.write(f"{user.email} is in {team} now, as {membership.role}.")
