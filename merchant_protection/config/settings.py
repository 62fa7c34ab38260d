"""Settings: read from the environment, and nothing else; unsafe combinations are found by `manage.py check`."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.urls import reverse_lazy
from environs import Env
from psycopg.conninfo import conninfo_to_dict

from merchant_protection.config import (
    api_description,
    asked_words,
    counts,
    exports,
    installed,
    navigation,
    notice_kinds,
    staff_cards,
    webhook_kinds,
)
from merchant_protection.config.schedule import CONSUMERS, SCHEDULE
from merchant_protection.foundation import logs

env = Env()
BASE_DIR = Path(__file__).resolve().parents[2]
STATE_DIR = Path(env.str("PORTAL_STATE", str(BASE_DIR / "var")))

DEBUG = env.bool("DEBUG", False)
DEMO = env.bool("DEMO", False)
SECRET_KEY = env.str("SECRET_KEY", "only-for-a-machine-of-ones-own-" + "0" * 32)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
DATA_KEYS: list[str] = env.list("DATA_KEYS", [])  # Fernet keys, newest first; made from SECRET_KEY when empty
MATCH_KEY = env.str("MATCH_KEY", SECRET_KEY)  # of keyed hashes; never rotated without re-keying stored hashes
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
HTTPS = env.bool("HTTPS", PUBLIC_URL.startswith("https://"))

INSTALLED_APPS = installed.APPS
MIDDLEWARE = installed.MIDDLEWARE
SHORT_WAYS = installed.SHORT_WAYS
ROOT_URLCONF = "merchant_protection.config.urls"
WSGI_APPLICATION = "merchant_protection.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_cached_loaders = (
    "django.template.loaders.cached.Loader",
    [
        "django_cotton.cotton_loader.Loader",
        "django.template.loaders.filesystem.Loader",
        "django.template.loaders.app_directories.Loader",
    ],
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("template_partials.loader.Loader", [_cached_loaders])],
            "builtins": [
                "django.templatetags.i18n",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "merchant_protection.home.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "merchant_protection.home.context.nav",
            ],
        },
    }
]

# Database -----------------------------------------------------------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Read a PostgreSQL address into Django's form, with a pool; who takes from it is told in foundation.postgres."""
    parts = conninfo_to_dict(url)
    known = {key: parts.pop(key, "") for key in ("dbname", "user", "password", "host", "port")}
    pool = {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 5}
    return {
        "ENGINE": "merchant_protection.foundation.postgres",
        "NAME": known["dbname"],
        "USER": known["user"],
        "PASSWORD": known["password"],
        "HOST": known["host"],
        "PORT": known["port"],
        "OPTIONS": parts | {"pool": pool},
    }


DATABASES = {"default": database(env.str("DATABASE_URL", "postgresql:///portal"))}
ATOMIC_REQUESTS = False

# People ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts come only from invitations, which prove the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_ADAPTER = "merchant_protection.notices.adapters.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = None
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Merchant Protection"
USERSESSIONS_TRACK_ACTIVITY = True
ACCOUNT_RATE_LIMITS = {"login": None}  # passwords are counted by accounts.services.signing_in
CACHES = {"default": {"BACKEND": "merchant_protection.foundation.shared_cache.SharedCache", "LOCATION": ""}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_LIMITS = {  # idle, absolute
    "merchant": (timedelta(hours=3), timedelta(hours=12)),
    "staff": (timedelta(minutes=30), timedelta(hours=12)),
}
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Language and time ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [  # the apps' own stand here too: a library's word for the same English must not win
    BASE_DIR / "locale",
    *sorted(BASE_DIR.glob("merchant_protection/*/locale")),
    *sorted(BASE_DIR.glob("*/locale")),
]
TIME_ZONE = "Asia/Shanghai"
FORMAT_MODULE_PATH = "merchant_protection.config.formats"

# Files --------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [
    folder
    for folder in (BASE_DIR / "assets" / "unfold-build", BASE_DIR / "assets" / "build", BASE_DIR / "static")
    if folder.exists()
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(STATE_DIR / "files")},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Names with a hash never change: Django's (app.2cee42877352.js) and the build's (chunk-charts-AZYKUZHW.js).
WHITENOISE_IMMUTABLE_FILE_TEST = r"(\.[0-9a-f]{12}|-[A-Z0-9]{8})\.[a-z0-9.]+$"
CLAMD = env.str("CLAMD", "")  # tcp://host:port or unix:/path; where it is set, what it has not seen is not sent out
CLAMD_PATIENCE = env.float("CLAMD_PATIENCE", 30.0)
# No body is larger: films come in pieces, order files and folders of courses in one.
LARGEST_BODY = 512 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# Safety of pages ----------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1 if BEHIND_PROXY else 0)  # how many of them add to X-Forwarded-For
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Where streams and recordings come from besides the portal itself: read by rooms and lessons only.
TRAINING_MEDIA_ORIGINS: list[str] = env.list("TRAINING_MEDIA_ORIGINS", [])
STAFF_CONTENT_POLICY = {"script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]}

# Mail ---------------------------------------------------------------------------------------------------------------
EMAIL_BACKEND = env.str("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(STATE_DIR / "mail")
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Merchant Protection <portal@localhost>")

# Work in the background -----------------------------------------------------------------------------------------------
ORDER_DECISION_SECONDS = env.float("ORDER_DECISION_SECONDS", 1.2)  # then the policies' word for when we fail; 0: no end

REDIS_URL = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 270
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 8.0
CELERY_TASK_PUBLISH_RETRY = False
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULE = SCHEDULE
PERSONAL_DATA_KEPT = {  # in orders three years, as the E-Commerce Law asks; in events, which order rows repeat, briefly
    "order": timedelta(days=env.int("ORDER_DATA_DAYS", 1_096)),
    "event": timedelta(days=env.int("EVENT_DATA_DAYS", 90)),
}
CHANGE_CONSUMERS = CONSUMERS
NOTICE_KINDS = notice_kinds.KINDS
NOTICE_GROUPS = notice_kinds.GROUPS
WEBHOOK_KINDS = webhook_kinds.KINDS
# host:port of listeners of a demo or test: only they are called over plain http and on this machine.
WEBHOOK_LISTENERS: list[str] = env.list("WEBHOOK_LISTENERS", [])

SIDE_BAR_COUNTS = counts.COUNTS
STAFF_CARDS = staff_cards.STAFF_CARDS

EXPORTS = exports.EXPORTS
EXPORT_CHOICES = exports.EXPORT_CHOICES
ASKED_WORDS = asked_words.ASKED_WORDS
METRICS_TOKEN = env.str("METRICS_TOKEN", "")  # of the program that reads /metrics from another machine

# API and pages ---------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "merchant_protection.foundation.api.description.Described",
    "DEFAULT_AUTHENTICATION_CLASSES": ["merchant_protection.accounts.authentication.ActorAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["merchant_protection.accounts.authentication.KnownActor"],
    "DEFAULT_THROTTLE_CLASSES": ["merchant_protection.accounts.authentication.RateOfKeys"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["merchant_protection.foundation.api.filters.ExactFilters"],
    "DEFAULT_PAGINATION_CLASS": "merchant_protection.foundation.api.pagination.Cursor",
    "EXCEPTION_HANDLER": "merchant_protection.foundation.api.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
API_RATES = {  # requests a key may make at once, and in each such time
    "KEY": (env.int("API_RATE", 1_200), timedelta(minutes=1)),
    "PLATFORM": (env.int("PLATFORM_API_RATE", 60_000), timedelta(minutes=1)),
}
SPECTACULAR_SETTINGS = api_description.SPECTACULAR
CRISPY_ALLOWED_TEMPLATE_PACKS = ["bootstrap5"]
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "portal/table.html"
UNFOLD = navigation.UNFOLD
LOGGING = logs.settings(level=env.str("LOG_LEVEL", "INFO"), as_json=env.bool("LOG_JSON", not (DEBUG or DEMO)))
