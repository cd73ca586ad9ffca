"""Every setting, read from the environment (interface.md, Settings). One file, for every place it runs in."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from environ import FileAwareEnv

from hubportal.accounts.oidc_settings import openid_connect
from hubportal.operations.logs import logging_config
from hubportal.operations.proxies import proxies
from hubportal.teams.oidc_settings import places

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

# Django ----------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEFAULT_EXCEPTION_REPORTER_FILTER = "hubportal.operations.exception_reports.AlwaysSafeFilter"
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
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "dj_queue",
    "hubportal.accounts",
    "hubportal.audit",
    "hubportal.teams",
    "hubportal.keys",
    "hubportal.usage",
    "hubportal.generations",
    "hubportal.gallery",
    "hubportal.lifecycle",
    "hubportal.operations",
]

MIDDLEWARE = [
    "hubportal.operations.proxies.TrustedProxiesMiddleware",
    "hubportal.operations.logs.RequestIdMiddleware",
    # Around all that may refuse a request, so that refusals carry their headers too.
    "hubportal.operations.headers.PrivateByDefaultMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Before CSRF's turn to read the form.
    "hubportal.operations.request_limits.BodiesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hubportal.accounts.middleware.SignInForHtmxMiddleware",
    "hubportal.accounts.middleware.RefusedFormsMiddleware",
    "hubportal.accounts.middleware.UnreadableStepMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["hubportal.html_time"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "hubportal.accounts.context.preferences",
                "hubportal.teams.context.team",
                "hubportal.keys.context.hub",
                "hubportal.usage.context.credits_left",
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
    _database["OPTIONS"] = {
        # A writer takes the lock when it begins, so two never deadlock half-way; the rest wait their turn.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL, although slower: `sending` must have reached the disk before the hub is asked to charge.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
elif _database["ENGINE"].endswith("postgresql"):
    _database["OPTIONS"] = {
        **_database.get("OPTIONS", {}),
        "pool": {"min_size": 1, "max_size": 20, "timeout": 10},
    }
    # A database that was restarted leaves dead connections in the pool: none is given out unchecked.
    _database["CONN_HEALTH_CHECKS"] = True

CACHES = {
    # allauth's rate limits must be one count for all processes.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

if env.str("MEDIA_STORAGE", default=""):
    raise ImproperlyConfigured("MEDIA_STORAGE: this version keeps files under HUBPORTAL_DATA; s3:// is still to come.")
MEDIA_ROOT = DATA_DIR / "media"
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "uploads"
FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["hubportal.generations.upload_handlers.CappedUploadHandler"]
# The prompt is the longest text; 16 references are the most files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 64
# granian's own variable; bin/run and the container give it as many.
SERVER_THREADS = env.int("GRANIAN_BLOCKING_THREADS", default=32)

# Collected and hashed when a place for them is given (the container image); found in the source otherwise.
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_ROOT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Tasks -----------------------------------------------------------------------------------------------------

if env.str("TASKS_BACKEND", default="database") != "database":
    raise ImproperlyConfigured("TASKS_BACKEND: this version knows 'database' alone; 'celery' is still to come.")

TASKS = {
    "default": {
        "BACKEND": "dj_queue.backend.DjQueueBackend",
        "QUEUES": [],
        "OPTIONS": {
            # Sending holds a thread while a hub is slow; looking and keeping must not wait behind it.
            "workers": [
                {"queues": ["send"], "threads": 6, "polling_interval": 0.2},
                {"queues": ["follow"], "threads": 2, "polling_interval": 0.2},
                {"queues": ["keep", "default"], "threads": 2, "polling_interval": 0.2},
            ],
            "dispatchers": [{"polling_interval": 1}],
            "scheduler": {"polling_interval": 1},
            "recurring": {
                "follow": {
                    "task_path": "hubportal.generations.tasks.follow",
                    "schedule": "*/10 * * * * *",
                    "queue_name": "follow",
                },
                "sweep": {
                    "task_path": "hubportal.generations.tasks.sweep",
                    "schedule": "*/15 * * * * *",
                    "queue_name": "default",
                },
                "retire_keys": {
                    "task_path": "hubportal.lifecycle.tasks.retire_keys",
                    "schedule": "*/15 * * * * *",
                    "queue_name": "default",
                },
                "delete_due_teams": {
                    "task_path": "hubportal.lifecycle.tasks.delete_due_teams",
                    "schedule": "*/5 * * * *",
                    "queue_name": "default",
                },
                "delete_marked_pictures": {
                    "task_path": "hubportal.lifecycle.tasks.delete_marked_pictures",
                    "schedule": "*/5 * * * *",
                    "queue_name": "default",
                },
                "forget_old_audit": {
                    "task_path": "hubportal.teams.tasks.forget_old_audit",
                    "schedule": "17 3 * * *",
                    "queue_name": "default",
                },
                "forget_old_sessions": {
                    "task_path": "hubportal.accounts.tasks.forget_old_sessions",
                    "schedule": "37 3 * * *",
                    "queue_name": "default",
                },
                "read_hub": {
                    "task_path": "hubportal.keys.tasks.read_hub",
                    "schedule": "* * * * *",
                    "queue_name": "default",
                },
                "mail_invitations": {
                    "task_path": "hubportal.teams.tasks.mail_invitations",
                    "schedule": "* * * * *",
                    "queue_name": "default",
                },
                "warn_of_keys": {
                    "task_path": "hubportal.keys.tasks.warn",
                    "schedule": "*/5 * * * *",
                    "queue_name": "default",
                },
                "estimate_paces": {
                    "task_path": "hubportal.usage.tasks.estimate_paces",
                    "schedule": "7 * * * *",
                    "queue_name": "default",
                },
            },
            # stack.md: a dead worker is noticed within half a minute.
            "process_heartbeat_interval": 5,
            "process_alive_threshold": 30,
            "shutdown_timeout": 30,
            "preserve_finished_jobs": False,
            "clear_failed_jobs_after": 7 * 86400,
            "clear_recurring_executions_after": 86400,
        },
    }
}

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
)
SOCIALACCOUNT_ADAPTER = "hubportal.accounts.oidc.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
OIDC_TEAMS_CLAIM = env.str("OIDC_TEAMS_CLAIM", default="")
OIDC_TEAMS = places(OIDC_TEAMS_CLAIM, env.list("OIDC_TEAMS", default=[]), provider=bool(SOCIALACCOUNT_PROVIDERS))

# Words and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English")]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# E-mail ----------------------------------------------------------------------------------------------------

_mail = env.email_url("EMAIL_URL", default="smtp://localhost:25")
_mail_options = {
    "host": _mail.get("EMAIL_HOST"),
    "port": _mail.get("EMAIL_PORT"),
    "username": _mail.get("EMAIL_HOST_USER"),
    "password": _mail.get("EMAIL_HOST_PASSWORD"),
    "use_tls": _mail.get("EMAIL_USE_TLS"),
    "use_ssl": _mail.get("EMAIL_USE_SSL"),
    "timeout": 20,
}
MAILERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": _mail["EMAIL_BACKEND"]}}
if _mail["EMAIL_BACKEND"].endswith("smtp.EmailBackend"):
    MAILERS["default"]["OPTIONS"] = {name: value for name, value in _mail_options.items() if value}
elif _mail["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
    MAILERS["default"]["OPTIONS"] = {"file_path": "/" + _mail["EMAIL_FILE_PATH"].lstrip("/")}
elif _mail["EMAIL_BACKEND"].endswith("console.EmailBackend"):
    MAILERS["default"]["BACKEND"] = "hubportal.operations.console_email.EmailBackend"
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
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 86400 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS

TRUSTED_PROXIES = proxies(env.list("TRUSTED_PROXIES", default=[]))

# Logs ------------------------------------------------------------------------------------------------------

LOGGING = logging_config(form=env.str("LOG_FORMAT", default="text"), level=env.str("LOG_LEVEL", default="INFO").upper())
