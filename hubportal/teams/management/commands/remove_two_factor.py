"""For somebody who lost phone and recovery codes: only whoever runs the site can help, having made sure who asks."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import remove_all
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TwoFactorAction
from hubportal.teams.models import Team


class Command(BaseCommand):
    help = "Remove a person's authenticator app, passkeys and recovery codes, so that their password alone signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"There is nobody with {options['email']} here.")
        if not (removed := remove_all(user)):
            raise CommandError(f"{user.email} has no two-factor. Nothing was changed.")
        for team in Team.objects.filter(memberships__user=user):
            AuditEntry.objects.record(team, TwoFactorAction.REMOVED, user, step=", ".join(removed))
        self.stdout.write(f"{user.email} signs in by password alone now; ask them to set up two-factor anew.")
