"""Every stored key sealed anew with the newest keyring entry (interface.md, Commands)."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from hubportal.keys.models import Key
from hubportal.keys.sealing import SealBroken, keyring, sealed_with
from hubportal.keys.vault import reseal


class Command(BaseCommand):
    help = "Re-seal every stored key with the newest entry of KEYRING. The site may run meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        newest = _newest()
        done = already = 0
        broken = []
        for key in Key.objects.exclude(sealed="").order_by("pk"):
            if sealed_with(key.sealed) == newest:
                already += 1
                continue
            try:
                done += reseal(key)
            except SealBroken as error:
                broken.append(f"{key}, team {key.team_id}: {error}")
        self.stdout.write(f"Re-sealed with entry {newest!r}: {done}. Sealed with it already: {already}.")
        if broken:
            told = "\n".join(f"  {line}" for line in broken)
            raise CommandError(f"These could not be opened and stay as they were:\n{told}")


def _newest() -> str:
    try:
        return next(iter(keyring()))
    except ImproperlyConfigured as error:
        raise CommandError(str(error)) from None
