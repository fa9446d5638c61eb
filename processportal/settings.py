"""Every setting of the portal; what differs between places comes from the environment (docs/install.md)."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from processportal import celery  # noqa: F401 - every process that reads the settings sends tasks through it
from processportal.services import credentials, locate, postgres, valkey
from processportal.services.command_line import data_folder, read_env_file

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
read_env_file()


def _number(name: str, default: int) -> int:
    given = env(name, default="") or str(default)
    if not given.isdecimal():
        raise ImproperlyConfigured(f"{name}={given} is not a number.")
    return int(given)


def _address(name: str, default: str) -> str:
    given = env(name, default="") or default
    found = urlsplit(given)
    if given and not (found.scheme in ("http", "https") and found.hostname):
        raise ImproperlyConfigured(f"{name}={given} is no address: it begins with https:// or http://.")
    return given


# --- this portal ---
DEBUG = env.bool("DEBUG", default=False)
PORT = _number("PORT", 8000)
PORTAL_DATA = data_folder().resolve()
PORTAL_BASE_URL = _address("PORTAL_BASE_URL", f"http://localhost:{PORT}").rstrip("/")
if urlsplit(PORTAL_BASE_URL).path:
    raise ImproperlyConfigured(
        f"PORTAL_BASE_URL={PORTAL_BASE_URL}: the portal needs a host of its own, without a path."
    )
PORTAL_DEMO = env.bool("PORTAL_DEMO", default=False)
PORTAL_ORGANISATION = env("PORTAL_ORGANISATION", default="Northfield Logistics" if PORTAL_DEMO else "Process Portal")
PORTAL_METRICS_TOKEN = env("PORTAL_METRICS_TOKEN", default="")
PORTAL_TRUSTED_PROXIES = _number("PORTAL_TRUSTED_PROXIES", 0)
PORTAL_LEDGER_ANCHOR = PORTAL_DATA / "ledger.anchor"
# Pages made at once by each process of the web server. More of them wait for one another rather than for the database:
# with 150 people one answer in twenty took 664 ms with four, 362 with three, 284 with two (`make bench`).
PORTAL_WEB_THREADS = _number("PORTAL_WEB_THREADS", 2)
SERVED_OVER_HTTPS = PORTAL_BASE_URL.startswith("https://")

# --- database and broker: embedded unless told where they are (DATABASE_URL, APP_DATABASE_URL, REDIS_URL) ---
PORTAL_EMBEDDED_DATABASE = not env("DATABASE_URL", default="")
_place = locate(PORTAL_DATA)
_credentials = credentials.read(PORTAL_DATA)  # made by `make run`; containers have none and are told theirs


def _embedded(role: str, key: str) -> dict:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env("PORTAL_DATABASE_NAME", default=postgres.DATABASE),
        "USER": role,
        "PASSWORD": _credentials.get(key, ""),
        "HOST": str(_place.run),
        "PORT": "",
    }


if PORTAL_EMBEDDED_DATABASE:
    PORTAL_OWNER_DATABASE = _embedded(postgres.OWNER, "owner")
    PORTAL_APP_DATABASE = _embedded(postgres.APP, "app")
else:
    PORTAL_OWNER_DATABASE = env.db_url("DATABASE_URL")
    PORTAL_APP_DATABASE = env.db_url("APP_DATABASE_URL", default=env("DATABASE_URL"))
for _database in (PORTAL_OWNER_DATABASE, PORTAL_APP_DATABASE):
    # What an address says behind its question mark (sslmode, sslrootcert, …) is kept.
    _options = {"connect_timeout": 5} | _database.get("OPTIONS", {})
    _database |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": _options}
    if _database.get("ENGINE") != "django.db.backends.postgresql":
        raise ImproperlyConfigured("The portal needs PostgreSQL: DATABASE_URL must begin with postgres://")

# A pooler that gives each transaction another connection (PgBouncer in transaction mode) stands in between:
# the database then keeps nothing of what a connection was told.
PORTAL_POOLED_DATABASE = env.bool("DATABASE_POOLER", default=False)
# The role that everything but migrations works as, to which migrations grant rights; None: one role does everything.
PORTAL_APP_ROLE = PORTAL_APP_DATABASE["USER"] if PORTAL_APP_DATABASE["USER"] != PORTAL_OWNER_DATABASE["USER"] else None
_as_owner = env("PORTAL_DATABASE_ROLE", default="app") == "owner"
DATABASES = {"default": dict(PORTAL_OWNER_DATABASE if _as_owner else PORTAL_APP_DATABASE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", default="") or valkey.url(_place)

# --- secret key ---
SECRET_KEY = env("SECRET_KEY", default="") or _credentials.get("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
if not SECRET_KEY:
    if not DEBUG and not PORTAL_EMBEDDED_DATABASE:
        raise ImproperlyConfigured(
            "Set SECRET_KEY to a long random text: a portal in production does not start without."
        )
    SECRET_KEY = secrets.token_urlsafe(48)  # nothing is signed with it: the first start writes one into PORTAL_DATA

# What encrypts the secrets of second steps in the database; without one it is derived from SECRET_KEY.
PORTAL_SECRETS_KEY = env("PORTAL_SECRETS_KEY", default="")
PORTAL_SECRETS_KEY_FALLBACKS = env.list("PORTAL_SECRETS_KEY_FALLBACKS", default=[])

# One password for all demo people, made at the first start; without the demo nobody signs in with it.
PORTAL_DEMO_PASSWORD = env("PORTAL_DEMO_PASSWORD", default="") or _credentials.get("demo", "") if PORTAL_DEMO else ""

# --- applications ---
INSTALLED_APPS = [
    "processportal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "processportal.apps.PortalStaticFilesConfig",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "django_prometheus",
    "simple_history",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "csp",
    "core",
    "people",
    "actions",
    "documents",
    "processes",
    "sops",
    "kpis",
    "audits",
    "training",
    "portal",
]
MIDDLEWARE = [
    "processportal.request_id.RequestIdMiddleware",
    "processportal.health.HealthMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "processportal.api_door.ApiDoorMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.pages.forgery.SignedOutMiddleware",
    "core.middleware.PersonalSettingsMiddleware",
    "core.middleware.PersonalPagesMiddleware",
    "core.middleware.NulMiddleware",
    "core.middleware.HiddenRecordsMiddleware",
    "processportal.sign_in.ProviderAwayMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "processportal.session_limits.SessionLimitsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "processportal.urls"
WSGI_APPLICATION = "processportal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "core.context.shell",
            ],
        },
    },
]

# --- people and signing in ---
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = ["core.permissions.PredicateBackend", "allauth.account.auth_backends.AuthenticationBackend"]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = [
    "people.hashing.PasswordHasher",  # docs/decisions/0017
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "processportal.sign_in.ClosedAccountAdapter"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "processportal.reset_token.ResetToken"  # noqa: S105 - a class, no secret
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the invitation was already sent to that address
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# An identity that is joined with an account signs documents in its name: joining one asks for a proof, as passkeys do.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# Counted per address of the sender and per account *from that address*, so that nobody can lock out somebody else.
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/300s/key", "reset_password": "20/m/ip,5/m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = PORTAL_TRUSTED_PROXIES
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "activate_totp": "processportal.sign_in_forms.AddCodesForm",
    "add_webauthn": "processportal.sign_in_forms.AddPasskeyForm",
    "authenticate": "processportal.sign_in_forms.SecondStepForm",
    "authenticate_webauthn": "processportal.sign_in_forms.SecondStepPasskeyForm",
    "reauthenticate": "processportal.sign_in_forms.CodeAgainForm",
    "reauthenticate_webauthn": "processportal.sign_in_forms.PasskeyAgainForm",
    "login_webauthn": "processportal.sign_in_forms.PasskeySignInForm",
}
MFA_ADAPTER = "processportal.sign_in.SecondStepAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVED_OVER_HTTPS
SOCIALACCOUNT_ADAPTER = "processportal.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # the adapter decides who is joined with an account that is here
# An address that the provider has verified opens the account of that address, never an administrator's.
OIDC_JOIN_VERIFIED = env.bool("OIDC_JOIN_VERIFIED", default=False)
# Who comes from the provider and has no account gets one, in the group staff.
OIDC_CREATE_PEOPLE = env.bool("OIDC_CREATE_PEOPLE", default=False)
SOCIALACCOUNT_AUTO_SIGNUP = False
OIDC_SERVER_URL = _address("OIDC_SERVER_URL", "")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": env("OIDC_PROVIDER_ID", default="sso"),
                "name": env("OIDC_NAME", default="Single sign-on"),
                "client_id": env("OIDC_CLIENT_ID", default=""),
                "secret": env("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

# --- sessions, cache, what a browser is told ---
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "core.sessions"
# A session ends after idle minutes (administrators and officers sooner), and in any case after so many hours.
PORTAL_IDLE_MINUTES = _number("PORTAL_IDLE_MINUTES", 480)
PORTAL_IDLE_MINUTES_POWERFUL = _number("PORTAL_IDLE_MINUTES_POWERFUL", 60)
PORTAL_SESSION_HOURS = _number("PORTAL_SESSION_HOURS", 14 * 24)
PORTAL_SECOND_STEP_FOR_ADMINISTRATORS = env.bool("PORTAL_SECOND_STEP_FOR_ADMINISTRATORS", default=not PORTAL_DEMO)
SESSION_COOKIE_AGE = PORTAL_SESSION_HOURS * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SERVED_OVER_HTTPS
if SERVED_OVER_HTTPS:  # the browser then takes them from this host alone, neither from a neighbour nor over plain HTTP
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-language"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
_host = urlsplit(PORTAL_BASE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted({_host, "localhost", "127.0.0.1", "[::1]"}))
CSRF_FAILURE_VIEW = "core.pages.forgery.refuse"
CSRF_TRUSTED_ORIGINS = [PORTAL_BASE_URL] if SERVED_OVER_HTTPS else []
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/", r"^metrics$"]  # asked from inside, in front of the proxy
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PORTAL_TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SERVED_OVER_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SERVED_OVER_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_identity_provider = urlsplit(OIDC_SERVER_URL)
_form_targets = [f"{_identity_provider.scheme}://{_identity_provider.netloc}"] if OIDC_SERVER_URL else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *_form_targets],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in ("accelerometer", "camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- files ---
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "collected"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "core.static_files.JoinedCssFinder",
]
MEDIA_ROOT = PORTAL_DATA / "attachments"
MEDIA_URL = ""  # attachments have no public address: each download asks for rights
PORTAL_UPLOAD_LIMIT = _number("PORTAL_UPLOAD_LIMIT", 25 * 1024**2)
# Periods after a change in a process before new limits of its KPIs are proposed.
PORTAL_POINTS_AFTER_CHANGE = _number("PORTAL_POINTS_AFTER_CHANGE", 8)
FILE_UPLOAD_HANDLERS = [
    "core.upload_limit.LimitedUploadHandler",  # before the others: what is too large is not even written to /tmp
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "core.file_storage.CarefulStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "core.static_files.PortalStaticStorage"
    },
}

# --- language and time ---
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
# The second: the words of the sign-in package as the portal says them, in English too.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "sign_in"]
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]
FORM_RENDERER = "core.form_rendering.PortalRenderer"
USE_TZ = True
# Where the organisation is: a day that somebody chooses begins at midnight there. People choose their own for reading.
TIME_ZONE = env("PORTAL_TIME_ZONE", default="") or ("Europe/London" if PORTAL_DEMO else "UTC")
if TIME_ZONE not in available_timezones():
    raise ImproperlyConfigured(f"PORTAL_TIME_ZONE={TIME_ZONE} is no time zone; they are named like Europe/Berlin.")

# --- mail ---
# Everything is written into the outbox first; what delivers it from there is the server of EMAIL_URL. The demo has
# none: its mails are read on the page /demo/mailbox/.
vars().update(env.email_url("EMAIL_URL", default="dummymail://" if PORTAL_DEMO else "consolemail://"))
PORTAL_MAIL_BACKEND = vars()["EMAIL_BACKEND"]
EMAIL_BACKEND = "core.mail_backend.OutboxBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", default=f"portal@{_host}")
EMAIL_TIMEOUT = 20

# --- work that happens later ---
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,  # brings the work of a killed worker back after 21 s instead of 97 s
    "unacked_restore_throttle": 1,
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
}
CELERY_TASK_PUBLISH_RETRY = False  # a doorbell that cannot ring is given up; the row is found by the sweep
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(PORTAL_DATA / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict] = {
    "note-worker": {"task": "processportal.note_worker", "schedule": 60.0},
    # Each asks "what is due and not yet done?", so that a round that was missed or ran twice changes nothing.
    "relay-outbox": {"task": "core.tasks.relay_outbox", "schedule": 60.0},
    "run-jobs": {"task": "core.tasks.run_jobs", "schedule": 60.0},
    "seal-ledger": {"task": "core.tasks.seal_ledger", "schedule": 60.0},
    "verify": {"task": "core.tasks.verify", "schedule": crontab(hour=2, minute=40)},
    "mail-notices": {"task": "core.tasks.mail_notices", "schedule": 60.0},
    "announce-effective": {"task": "documents.tasks.announce_effective_versions", "schedule": 60.0},
    "remind": {"task": "actions.tasks.remind", "schedule": 300.0},
    "judge-kpis": {"task": "kpis.tasks.judge_outdated", "schedule": 300.0},
    "ask-for-due-reviews": {"task": "documents.tasks.ask_for_reviews", "schedule": 3600.0},
    "ask-for-values": {"task": "kpis.tasks.ask_for_values", "schedule": 3600.0},
    "send-due-reports": {"task": "kpis.tasks.send_due_reports", "schedule": 60.0},
    "take-portal-figures": {"task": "kpis.tasks.take_portal_figures", "schedule": 3600.0},
    "sweep-redlines": {"task": "sops.tasks.sweep_stored_redlines", "schedule": 24 * 3600.0},
    "assign-missing-readings": {"task": "training.tasks.assign_missing_readings", "schedule": 24 * 3600.0},
    "sweep-contents": {"task": "documents.tasks.sweep_contents", "schedule": 24 * 3600.0},
    "forget-old": {"task": "core.tasks.forget_old", "schedule": 24 * 3600.0},
    "tell-new-hits": {"task": "portal.tell_new_hits", "schedule": 3600.0},
}

# --- log ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "processportal.json_log.JsonFormatter"}},
    "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["lines"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": ["lines"], "level": "INFO", "propagate": False},
        "fontTools": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # its backend stays out: backends are OR-ed, a grant would override the predicates
]
if os.environ.get("PYTEST_VERSION"):
    CELERY_BROKER_URL = env("REDIS_URL", default="") or "memory://"  # tests that need a real one ask for it
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    PORTAL_SECOND_STEP_FOR_ADMINISTRATORS = False  # tests that are about it switch it on
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    # Browser tests read the sources, not what a portal that ran in this checkout has collected.
    WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
    STATIC_ROOT = PORTAL_DATA / "nothing-is-collected-here"
