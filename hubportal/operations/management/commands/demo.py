"""Something to begin with beside the sandbox: people, a team and a key. Made once; run at every start of bin/run."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.accounts.account_creation import take_in
from hubportal.accounts.models import User
from hubportal.encryption import fingerprints
from hubportal.keys.forms import KeyForm
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role

OWNER = ("demo@example.org", "Demo")
OTHERS = {Role.MEMBER: ("member@example.org", "Mina"), Role.REVIEWER: ("reviewer@example.org", "Rob")}
PATIENCE = 10.0  # seconds for a sandbox that is just starting


class Command(BaseCommand):
    help = "Make the demo team beside the sandbox hub, once, and say how to sign in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password-file", metavar="PATH", required=True, help="the demo people's password")
        parser.add_argument(
            "--key-file",
            metavar="PATH",
            default=str(settings.DATA_DIR / "sandbox" / "demo-keys.json"),
            help="the sandbox's ready-made keys (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        password = _read(options["password_file"]).strip()
        secret = _ready_key(options["key_file"])
        owner, team = _people(password)
        if not _had(team, secret):
            _add(team, secret)
        self.stdout.write(_how_to_sign_in(owner, password))


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} can't be read ({type(error).__name__}).") from None


def _ready_key(path: str) -> str:
    try:
        return str(json.loads(_read(path))["main"])
    except (ValueError, KeyError, TypeError):
        raise CommandError(f"{path} holds no ready-made key of a sandbox.") from None


@transaction.atomic
def _people(password: str) -> tuple[User, Team]:
    """The demo people and their team, made if they aren't there."""
    owner, _ = take_in(OWNER[0], password, name=OWNER[1])
    membership = Membership.objects.filter(user=owner, role=Role.OWNER).select_related("team").first()
    if membership:
        return owner, membership.team
    team = Team.objects.start("Demo studio", owner)
    for role, (email, name) in OTHERS.items():
        user, _ = take_in(email, password, name=name)
        Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    return owner, team


def _had(team: Team, secret: str) -> bool:
    """Whether the team has this key, or had it and removed it."""
    return Key.objects.filter(team=team, fingerprint__in=fingerprints(secret, team.pk)).exists()


def _add(team: Team, secret: str) -> None:
    """Add the sandbox's key; an older one is of a sandbox whose records are gone, so this becomes the default."""
    deadline = time.monotonic() + PATIENCE
    while True:
        form = KeyForm(team, {"label": "Sandbox", "secret": secret})
        if form.is_valid() and (key := form.keep(None)):
            return key.make_default()
        if not form.hub_failed or time.monotonic() > deadline:
            raise CommandError(" ".join(str(error) for errors in form.errors.values() for error in errors))
        time.sleep(0.3)


def _how_to_sign_in(owner: User, password: str) -> str:
    others = " or ".join(email for email, _ in OTHERS.values())
    if not owner.check_password(password):
        return f"Sign in as {owner.email}, with the password you chose."
    return f"Sign in as {owner.email} with the password {password} (or as {others}, to see less)."
