"""Every setting, read from the environment (interface.md, Settings). One file, for every place it runs in."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environ import FileAwareEnv

from hubportal.accounts.oidc_settings import openid_connect
from hubportal.notifications.vapid_settings import parse_vapid_key
from hubportal.operations.engine import ENGINE, count_worker_threads
from hubportal.operations.logs import logging_config
from hubportal.operations.mail import mailers
from hubportal.operations.proxies import parse_proxies, parse_sendfile
from hubportal.operations.recurring import WHILE_NEEDED
from hubportal.teams.oidc_settings import parse_oidc_teams

BASE_DIR = Path(__file__).resolve().parent.parent

env = FileAwareEnv()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))


def required(name: str, meaning: str) -> str:
    value: str = env.str(name, default="").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {meaning}. See docs/operations.md, Settings.")
    return value


# Where things are ------------------------------------------------------------------------------------------

DATA_DIR = Path(env.str("HUBPORTAL_DATA", default=str(BASE_DIR / "var"))).resolve()
SITE_URL = required("SITE_URL", "the address people use, such as https://pictures.example.org").rstrip("/")
HUB_BASE_URL = env.str("HUB_BASE_URL", default="https://www.gptimagehub.com").rstrip("/")
HUB_IMAGE_HOSTS = frozenset(env.list("HUB_IMAGE_HOSTS", default=[]))
# bin/run says so before the hub itself could be asked; otherwise the hub's answers tell.
HUB_SANDBOX = env.bool("HUB_SANDBOX", default=False)

_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured(f"SITE_URL is {SITE_URL!r}: it must be a whole address, such as https://example.org.")
HTTPS = _site.scheme == "https"

# Secrets ---------------------------------------------------------------------------------------------------

SECRET_KEY = required("SECRET_KEY", "Django signs sessions and links with it")
KEYRING = required("KEYRING", "it seals the hub keys at rest, as id:base64key[,id:base64key], newest first")
# By which push services know this site (RFC 8292); without it no browser is told anything.
VAPID_PRIVATE_KEY = parse_vapid_key(env.str("VAPID_PRIVATE_KEY", default=""))

# Django ----------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEFAULT_EXCEPTION_REPORTER_FILTER = "hubportal.operations.logs.AlwaysSafeFilter"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_site.hostname, "localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]
ROOT_URLCONF = "hubportal.urls"
WSGI_APPLICATION = "hubportal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    # The site's own admin is operations.admin_site; what others register for theirs is not looked for.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "hubportal.static_files",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    # Before the engine, whose commands it has in its own words.
    "hubportal.operations.apps.OperationsConfig",
    "hubportal.operations.apps.EngineConfig",
    "hubportal.accounts",
    "hubportal.audit",
    "hubportal.teams",
    "hubportal.notifications",
    "hubportal.keys",
    "hubportal.usage",
    "hubportal.generations",
    "hubportal.gallery",
    "hubportal.lifecycle",
]

MIDDLEWARE = [
    "hubportal.operations.proxies.TrustedProxiesMiddleware",
    "hubportal.operations.middleware.RequestIdMiddleware",
    # Around all that may refuse a request, so that refusals carry their headers too.
    "hubportal.operations.middleware.DefaultHeadersMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before the first that looks at the Host (CommonMiddleware), after the one that adds HSTS.
    "hubportal.operations.middleware.HealthMiddleware",
    # Around all that makes pages; what WhiteNoise sends was compressed before.
    "hubportal.operations.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "hubportal.accounts.sessions.UserMiddleware",
    # After the question who asks, before the first that reads the form (CSRF does, in process_view).
    "hubportal.operations.request_limits.RequestBodyMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "hubportal.accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hubportal.accounts.middleware.SignInForHtmxMiddleware",
    "hubportal.accounts.middleware.RefusedFormsMiddleware",
    "hubportal.accounts.middleware.UnreadableAuthenticatorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["hubportal.html_time", "hubportal.html_icon", "hubportal.static_files.tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hubportal.accounts.views.preferences_context",
                "hubportal.teams.access.team_context",
                "hubportal.notifications.context.unread_context",
                "hubportal.keys.model_list.hub_context",
                "hubportal.usage.credits.credits_context",
                "hubportal.generations.context.undecided",
            ],
        },
    }
]

# Data ------------------------------------------------------------------------------------------------------

# The default is no URL: a path may hold characters that mean something in one.
_in_the_data_folder = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(DATA_DIR / "db.sqlite3")}
_database: dict[str, Any] = env.db_url("DATABASE_URL") if env.str("DATABASE_URL", default="") else _in_the_data_folder
DATABASES = {"default": _database}
if _database["ENGINE"].endswith("sqlite3"):
    # Opening a file and telling it these settings takes longer than most of a page's queries.
    _database["CONN_MAX_AGE"] = None
    _database["OPTIONS"] = {
        # A writer takes the lock when it begins, so two never deadlock half-way; the rest wait their turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL, although slower: `sending` must have reached the disk before the hub is asked to charge.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
elif _database["ENGINE"].endswith("postgresql"):
    # A database that was restarted leaves dead connections in the pool (below, How many at once): none is given out
    # unchecked.
    _database["CONN_HEALTH_CHECKS"] = True

CACHES = {
    # allauth's rate limits must be one count for all processes.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    # Rendered parts of pages, under keys that hold all they depend on (`{% cache %}`): in each process, gone with it.
    "template_fragments": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "template_fragments",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
}
SESSION_ENGINE = "hubportal.accounts.sessions"

if env.str("MEDIA_STORAGE", default=""):
    raise ImproperlyConfigured("MEDIA_STORAGE: this version keeps files under HUBPORTAL_DATA; s3:// is still to come.")
MEDIA_ROOT = DATA_DIR / "media"
# A proxy that reads MEDIA_ROOT too sends the files itself, once a view has said who may have them.
MEDIA_SENDFILE = parse_sendfile(env.str("MEDIA_SENDFILE", default=""))
# Where a photo was taken (Exif, XMP, IPTC) is removed from references before they are stored.
KEEP_REFERENCE_LOCATION = env.bool("KEEP_REFERENCE_LOCATION", default=False)
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["hubportal.generations.upload_handlers.CappedUploadHandler"]
# The prompt is the longest text; 16 references are the most files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
# A form may name every picture of the largest archive (gallery.archive), beside what every form has.
MAX_ARCHIVE_PICTURES = 5000
DATA_UPLOAD_MAX_NUMBER_FIELDS = MAX_ARCHIVE_PICTURES + 200
DATA_UPLOAD_MAX_NUMBER_FILES = 64

# Collected, joined and hashed when a place for them is given (bin/run and the container image do); found in the source
# otherwise.
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "hubportal.static_files.storage.JoinedStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Tasks -----------------------------------------------------------------------------------------------------

if env.str("TASKS_BACKEND", default="database") != "database":
    raise ImproperlyConfigured("TASKS_BACKEND: this version knows 'database' alone; 'celery' is still to come.")

TASKS = {"default": ENGINE}
# Tasks that an idle site has no need of (operations.clock); the rest of what recurs is part of TASKS.
TASKS_WHILE_NEEDED = WHILE_NEEDED

# How many at once ------------------------------------------------------------------------------------------

# granian's own variables. bin/run starts one server process, the container image two.
SERVER_PROCESSES = env.int("GRANIAN_WORKERS", default=1)
SERVER_THREADS = env.int("GRANIAN_BLOCKING_THREADS", default=32)
if SERVER_PROCESSES < 1 or SERVER_THREADS < 4:
    raise ImproperlyConfigured(
        f"GRANIAN_WORKERS is {SERVER_PROCESSES} and GRANIAN_BLOCKING_THREADS {SERVER_THREADS}: there must be at"
        " least one process, and four threads in each, so that one is left while the others read what people send."
    )
# In each process a quarter of the threads never reads bodies, and no address may occupy more than half of the others.
MAX_BODIES_AT_ONCE = SERVER_THREADS * 3 // 4
MAX_BODIES_PER_ADDRESS = MAX_BODIES_AT_ONCE // 2
# An archive occupies a thread for as long as its reader takes, which may be an hour.
MAX_ARCHIVES_AT_ONCE = max(SERVER_THREADS // 4, 1)
MAX_ARCHIVES_PER_PERSON = min(MAX_ARCHIVES_AT_ONCE, 2)
WORKER_THREADS = count_worker_threads()
# Each process has a pool of its own, with a connection for each of its threads, so that none has to wait for one.
DATABASE_POOL_SIZE = max(SERVER_THREADS, WORKER_THREADS)
# What all processes together may ask PostgreSQL for; the worker listens on one more for news.
MAX_DATABASE_CONNECTIONS = SERVER_PROCESSES * SERVER_THREADS + WORKER_THREADS + 1
if _database["ENGINE"].endswith("postgresql"):
    _pool = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}
    # Compiling a query to machine code takes longer than any of a page's queries runs.
    _database["OPTIONS"] = {"options": "-c jit=off", **_database.get("OPTIONS", {}), "pool": _pool}

# Who you are -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SIGNUP = env.str("SIGNUP", default="invited")
if SIGNUP not in {"invited", "open"}:
    raise ImproperlyConfigured(f"SIGNUP is {SIGNUP!r}: it must be 'invited' or 'open'.")

ACCOUNT_ADAPTER = "hubportal.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ACCOUNT_FORMS = {"signup": "hubportal.accounts.forms.SignupForm"}
# Whoever signs up and opens the link in the same browser is in, and comes to where they were going.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
# One address a person; a new one replaces the old when it is confirmed.
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Or nobody with a second step could change their address. allauth guards against accounts that never proved one;
# here there are none, since verification is mandatory, and a new address counts for nothing before it is confirmed.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "Hubportal"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "hubportal.accounts.two_factor.TwoFactorAdapter"
MFA_FORMS = {
    "authenticate": "hubportal.accounts.forms.AuthenticateCodeForm",
    "reauthenticate": "hubportal.accounts.forms.ReauthenticateCodeForm",
    "activate_totp": "hubportal.accounts.forms.ActivateAppForm",
    "add_webauthn": "hubportal.accounts.forms.AddPasskeyForm",
    "login_webauthn": "hubportal.accounts.forms.LoginPasskeyForm",
    "authenticate_webauthn": "hubportal.accounts.forms.AuthenticatePasskeyForm",
    "reauthenticate_webauthn": "hubportal.accounts.forms.ReauthenticatePasskeyForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Browsers themselves allow passkeys on localhost and nowhere else without https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

SOCIALACCOUNT_PROVIDERS = openid_connect(
    issuer=env.str("OIDC_ISSUER", default=""),
    client_id=env.str("OIDC_CLIENT_ID", default=""),
    secret=env.str("OIDC_CLIENT_SECRET", default=""),
    name=env.str("OIDC_NAME", default=""),
    scopes=env.list("OIDC_SCOPES", default=[]),
)
SOCIALACCOUNT_ADAPTER = "hubportal.accounts.oidc.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_TEAMS_CLAIM = env.str("OIDC_TEAMS_CLAIM", default="")
OIDC_TEAMS = parse_oidc_teams(
    OIDC_TEAMS_CLAIM, env.list("OIDC_TEAMS", default=[]), provider=bool(SOCIALACCOUNT_PROVIDERS)
)

# Words and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# E-mail ----------------------------------------------------------------------------------------------------

MAILERS = mailers(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"Hubportal <hubportal@{_site.hostname}>")

# Safety ----------------------------------------------------------------------------------------------------

SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    # blob: shows a reference image before it is sent.
    "img-src": [CSP.SELF, "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_prefix}session"
CSRF_COOKIE_NAME = f"{_prefix}csrf"
# Who closed the sandbox's notice in this browser (keys.model_list).
NOTICE_COOKIE_NAME = f"{_prefix}sandbox-notice"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
# For machines: without https, and whatever Host they name (operations.middleware.HealthMiddleware).
HEALTH_PATHS = ("/healthz", "/readyz", "/metrics")
SECURE_REDIRECT_EXEMPT = [f"^{path.removeprefix('/')}$" for path in HEALTH_PATHS]
# Browsers remember HSTS for as long as it says, and nobody can make them forget: an hour, for this host alone, unless
# the operator asks for more.
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
if SECURE_HSTS_PRELOAD and HTTPS and not (SECURE_HSTS_INCLUDE_SUBDOMAINS and SECURE_HSTS_SECONDS >= 365 * 86400):
    raise ImproperlyConfigured(
        "HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true and HSTS_SECONDS=31536000 or more: browsers' lists want both."
    )
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # no includeSubDomains: the operator decides for the other hosts of the domain
    "security.W021",  # no preload: for the same reason, and it can't be undone for months
]
# With a token, /metrics asks for it; without one, whoever reaches it may read it.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()

TRUSTED_PROXIES = parse_proxies(env.list("TRUSTED_PROXIES", default=[]))

# Logs ------------------------------------------------------------------------------------------------------

LOGGING = logging_config(form=env.str("LOG_FORMAT", default="text"), level=env.str("LOG_LEVEL", default="INFO").upper())
