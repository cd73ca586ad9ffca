"""A key for a team, its secret from standard input (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubportal.audit.actor import SITE
from hubportal.hub.errors import HubError
from hubportal.keys.key_changes import KeyChangeError, add_key
from hubportal.keys.key_parsing import read_pasted
from hubportal.keys.wording.changes import added, why_not_a_key, why_not_changed
from hubportal.teams.management.arguments import secret_from_stdin, team_called


class Command(BaseCommand):
    help = "Add a key to a team: its secret is read from standard input and checked with the hub. Prints the key's id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("team", metavar="TEAM", help="its slug")
        parser.add_argument("--label", metavar="LABEL", required=True, help="what the team calls the key")

    def handle(self, *args: Any, **options: Any) -> None:
        team = team_called(options["team"])
        pasted = read_pasted(secret_from_stdin("Key: "))
        if pasted.secret is None:
            raise CommandError(why_not_a_key(pasted))
        try:
            key = add_key(team, options["label"], pasted.secret, SITE)
        except (KeyChangeError, HubError) as error:
            raise CommandError(why_not_changed(error)) from None
        self.stderr.write(added(key), style_func=str)
        self.stdout.write(str(key.pk))
