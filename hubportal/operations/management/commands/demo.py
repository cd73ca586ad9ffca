"""Something to begin with beside the sandbox: people, a team and a key. Made once; run at every start of bin/run."""

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from hubportal.accounts.models import User
from hubportal.accounts.signup import get_or_create_account
from hubportal.audit.actor import SITE
from hubportal.encryption import Secret, fingerprints
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.key_changes import KeyChangeError, add_key, make_default
from hubportal.keys.key_parsing import read_pasted
from hubportal.keys.models import Key
from hubportal.keys.wording.changes import why_not_changed
from hubportal.teams.memberships import add_member
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from hubportal.teams.teams import start_team

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
        # Also one that the team removed.
        if not Key.objects.filter(team=team, fingerprint__in=fingerprints(secret, team.pk)).exists():
            _add(team, secret)
        self.stdout.write(_how_to_sign_in(owner, password))


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} can't be read ({type(error).__name__}).") from None


def _ready_key(path: str) -> Secret:
    try:
        secret = read_pasted(str(json.loads(_read(path))["main"])).secret
    except (ValueError, KeyError, TypeError):
        secret = None
    if secret is None:
        raise CommandError(f"{path} holds no ready-made key of a sandbox.")
    return secret


@transaction.atomic
def _people(password: str) -> tuple[User, Team]:
    """The demo people and their team, made if they aren't there."""
    owner, _ = get_or_create_account(OWNER[0], password, name=OWNER[1])
    membership = Membership.objects.filter(user=owner, role=Role.OWNER).select_related("team").first()
    if membership:
        return owner, membership.team
    team = start_team("Demo studio", owner, actor=SITE)
    for role, (email, name) in OTHERS.items():
        user, _ = get_or_create_account(email, password, name=name)
        add_member(team, user, role, actor=SITE)
    return owner, team


def _add(team: Team, secret: Secret) -> None:
    """Add the sandbox's key; an older one is of a sandbox whose records are gone, so this becomes the default."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            make_default(add_key(team, "Sandbox", secret, SITE), SITE)
        except (KeyChangeError, HubError) as error:
            if isinstance(error, KeyChangeError | KeyRejected) or time.monotonic() > deadline:
                raise CommandError(why_not_changed(error)) from None
        else:
            return
        time.sleep(0.3)


def _how_to_sign_in(owner: User, password: str) -> str:
    others = " or ".join(email for email, _ in OTHERS.values())
    if not owner.check_password(password):
        return f"Sign in as {owner.email}, with the password you chose."
    return f"Sign in as {owner.email} with the password {password} (or as {others}, to see less)."
