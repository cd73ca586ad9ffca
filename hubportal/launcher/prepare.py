"""`python -m hubportal.launcher.prepare [DEMO-PASSWORD-FILE]`: migrate, collect static files, print how to sign in.

A process of its own, so that the launcher loads no Django and a failure here is reported like that of any other.
"""

import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from hubportal.launcher.ports import answers
from hubportal.launcher.site_defaults import COLLECTED
from hubportal.operations.checks import describe_connection_shortage
from hubportal.static_files.collect import collect_if_changed

POLL_INTERVAL = 0.03  # seconds
FIRST_TEAM_HINT = (
    "Nobody can sign in yet. Make the first team: bin/manage create_team 'Our studio' --owner you@example.org"
)


def main(demo_password_file: str = "") -> None:
    try:
        _prepare(demo_password_file)
    except DatabaseError as error:
        sys.exit(f"The database can't be used: {error}")
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(str(error))


def _prepare(demo_password_file: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hubportal.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    # Into another folder, which somebody named, they have collected themselves.
    if str(settings.DATA_DIR / COLLECTED) == settings.STATIC_ROOT:
        collect_if_changed(Path(settings.STATIC_ROOT))
    if shortage := describe_connection_shortage():
        sys.stdout.write(f"The database {shortage}\n")
    if demo_password_file:
        # It was started just before this. If it dies, the launcher notices, and stops this process as well.
        hub = urlsplit(settings.HUB_BASE_URL)
        while not answers(hub.hostname or "", hub.port or 0):
            time.sleep(POLL_INTERVAL)
        call_command("demo", password_file=demo_password_file)
    elif not get_user_model().objects.exists():
        sys.stdout.write(f"{FIRST_TEAM_HINT}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
