"""`python -m hubportal.launcher.prepare [DEMO-PASSWORD-FILE]`: the database made ready, and how to get in.

A process of its own, so that the launcher stays small and a failure here is told like that of any other part.
"""

import os
import sys
import time
from urllib.parse import urlsplit

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from hubportal.launcher.ports import answers

FIRST_TEAM = "Nobody can sign in yet. Make the first team: bin/manage create_team 'Our studio' --owner you@example.org"


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
    if demo_password_file:
        _wait_for_the_sandbox()
        call_command("demo", password_file=demo_password_file)
    elif not get_user_model().objects.exists():
        sys.stdout.write(f"{FIRST_TEAM}\n")


def _wait_for_the_sandbox() -> None:
    """It was started just before this. Should it die, the launcher notices, and ends this wait as well."""
    hub = urlsplit(settings.HUB_BASE_URL)
    while not answers(hub.hostname or "", hub.port or 0):
        time.sleep(0.03)


if __name__ == "__main__":
    main(*sys.argv[1:])
