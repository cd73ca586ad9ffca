"""Encrypts every stored secret anew with the newest keyring entry (interface.md, Commands)."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from hubportal.accounts.two_factor import reencrypt_authenticators
from hubportal.encryption import keyring
from hubportal.keys.clients import reencrypt_keys
from hubportal.notifications.channels import reencrypt_channels


class Command(BaseCommand):
    help = "Re-seal every stored key with the newest entry of KEYRING. The site may run meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            newest = next(iter(keyring()))
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        broken = []
        for what, reencrypt in (
            ("Keys", reencrypt_keys),
            ("Second steps", reencrypt_authenticators),
            ("Channels", reencrypt_channels),
        ):
            result = reencrypt()
            self.stdout.write(
                f"{what} re-sealed with entry {newest!r}: {result.reencrypted}."
                f" Sealed with it already: {result.unchanged}."
            )
            broken += result.failed
        if broken:
            told = "\n".join(f"  {line}" for line in broken)
            raise CommandError(f"These could not be opened and stay as they were:\n{told}")
