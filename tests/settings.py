"""The site's own settings, in the environment that the tests give it."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_data = Path(tempfile.mkdtemp(prefix="hubportal-tests-"))
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ |= {
    "HUBPORTAL_DATA": str(_data),
    "SECRET_KEY": "for-tests-only-" + "x" * 40,
    "KEYRING": "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "VAPID_PRIVATE_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY",
    "SITE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "EMAIL_URL": "memorymail://",
    "LOG_LEVEL": "WARNING",
    # Nothing listens here: a test that needs the hub points this at a sandbox of its own.
    "HUB_BASE_URL": "http://127.0.0.1:9",
    "HUB_SANDBOX": "0",
    # Said outright, or a developer's own .env would speak.
    "DATABASE_URL": os.environ.get("HUBPORTAL_TEST_DATABASE_URL", ""),
    "DEBUG": "false",
    **dict.fromkeys(("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_TEAMS_CLAIM", "OIDC_TEAMS"), ""),
    "SIGNUP": "invited",
    "METRICS_TOKEN": "",
    "STATIC_ROOT": "",
    "MEDIA_SENDFILE": "",
    "TRUSTED_PROXIES": "",
}

from hubportal.settings import *  # noqa: E402, F403
from hubportal.settings import BASE_DIR, DATABASES, INSTALLED_APPS  # noqa: E402

# For those who change the site: makemigrations that keeps max_migration.txt, and lintmigrations.
INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations", "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "include_apps": [name.removeprefix("hubportal.") for name in INSTALLED_APPS if name.startswith("hubportal.")],
    "project_root_path": str(BASE_DIR),
    "no_cache": True,
    # 0005: a wider column harms no old version beside it, and PostgreSQL doesn't copy the table for it.
    # 0004: rows of totals are told apart by one thing more, so no old version may run beside it (CHANGELOG.md says so).
    "ignore_name": ["0005_longer_effort", "0004_projects_and_budgets"],
    "quiet": ["ok", "ignore"],
}

# A file, not memory: the worker's threads, the live server and the test share it as they would in earnest.
DATABASES["default"]["TEST"] = (
    {"NAME": str(_data / "test.sqlite3")} if "HUBPORTAL_TEST_DATABASE_URL" not in os.environ else {}
)
# Nothing outlives the run, so nothing waits for the disk.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"]["init_command"] += " PRAGMA synchronous=OFF;"
# Or each test client would read the folder of static files, a third of the time of a test of pages.
WHITENOISE_AUTOREFRESH = True
# argon2 is meant to be slow; signing in is not what most tests are about.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Nothing runs by itself: a test runs the steps it is about. The worker's own tests name the real engine.
TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend", "QUEUES": []}}
