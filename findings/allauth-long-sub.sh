#!/bin/sh
# django-allauth: an OpenID Connect subject of 192 to 255 characters ends the sign-in with an exception that names a
# setting which is no longer read. OpenID Connect Core 1.0, section 2, allows 255 ASCII characters in `sub`.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "django==6.1.3" "django-allauth[socialaccount]==65.21.1"
"$work/venv/bin/python" - <<'PYTHON'
import sys
import allauth, django
from django.conf import settings

APP = {"provider_id": "sso", "name": "sso", "client_id": "a", "secret": "b",
       "settings": {"server_url": "https://login.example.org"}}
settings.configure(
    SECRET_KEY="x", DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "allauth",
                    "allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [APP]}},
    MIDDLEWARE=["allauth.account.middleware.AccountMiddleware"],
    SOCIALACCOUNT_UID_MAX_LENGTH=255,
)
django.setup()
from allauth.core import context
from allauth.socialaccount.adapter import get_adapter
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.test import RequestFactory

call_command("migrate", verbosity=0)
request = RequestFactory().get("/")
request.user, request.session = AnonymousUser(), {}

def outcome(length):
    claims = {"userinfo": {"sub": "s" * length, "email": "nora@example.org", "email_verified": True}}
    try:
        with context.request_context(request):
            get_adapter().get_provider(request, "sso").sociallogin_from_response(request, claims)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"

said = {length: outcome(length) for length in (191, 192, 255)}
print(f"django-allauth {allauth.__version__}, Django {django.__version__}, SOCIALACCOUNT_UID_MAX_LENGTH=255 in settings")
for length, words in said.items():
    print(f"sub of {length} characters: {words}")
as_found = said[191] == "accepted" and all(said[n].startswith("ImproperlyConfigured: SOCIALACCOUNT_UID_MAX_LENGTH") for n in (192, 255))
print("As found: valid subjects above 191 characters can't sign in, and the setting that the error names changes nothing."
      if as_found else "This behaves differently now.")
sys.exit(0 if as_found else 1)
PYTHON
