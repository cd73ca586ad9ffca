"""For somebody who lost phone and recovery codes: only whoever runs the site can help, having made sure who asks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from hubportal.accounts.models import User
from hubportal.audit.actor import SITE
from hubportal.teams.people import remove_two_factor


class Command(BaseCommand):
    help = "Remove a person's authenticator app, passkeys and recovery codes, so that their password alone signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"There is nobody with {options['email']} here.")
        if not remove_two_factor(user, actor=SITE):
            raise CommandError(f"{user.email} has no two-factor. Nothing was changed.")
        self.stdout.write(f"{user.email} signs in by password alone now; ask them to set up two-factor anew.")
