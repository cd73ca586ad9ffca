"""`python -m bench.plain.prepare`: makes the tables and somebody who is signed in; prints their session's key."""

import sys

import django
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command


def main() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    user = get_user_model().objects.create(username="owner")  # type: ignore[misc]  # mypy reads Hubportal's settings
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    sys.stdout.write(f"{session.session_key}\n")


if __name__ == "__main__":
    django.setup()
    main()
