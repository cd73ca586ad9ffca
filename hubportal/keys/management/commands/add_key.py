"""A key for a team, its secret from standard input (interface.md, Commands)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubportal.keys.forms import KeyForm
from hubportal.keys.models import Key
from hubportal.keys.wording import added
from hubportal.teams.management.arguments import secret_from_stdin, team_called
from hubportal.teams.models import Team


class Command(BaseCommand):
    help = "Add a key to a team: its secret is read from standard input and checked with the hub. Prints the key's id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("team", metavar="TEAM", help="its slug")
        parser.add_argument("--label", metavar="LABEL", required=True, help="what the team calls the key")

    def handle(self, *args: Any, **options: Any) -> None:
        key = add(team_called(options["team"]), options["label"], secret_from_stdin("Key: "))
        self.stderr.write(added(key), style_func=str)
        self.stdout.write(str(key.pk))


def add(team: Team, label: str, secret: str) -> Key:
    """The key, checked and kept. Raises CommandError with the sentence that the page would show."""
    form = KeyForm(team, {"label": label, "secret": secret})
    key = form.keep(None) if form.is_valid() else None
    if key is None:
        raise CommandError(" ".join(str(error) for errors in form.errors.values() for error in errors))
    return key
