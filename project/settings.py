"""The one settings file: it lists, ``project.env`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ

from project import env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = env.data_dir()
env.keep(DATA_DIR / "env")
#: The private sockets of the running processes: web1.sock, web2.sock, ...
RUN_DIR = env.path("RUN_DIR", DATA_DIR / "run")

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
#: Full origins (scheme://host:port) beside the site's own that may open a socket or post.
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
#: Who sends this as a bearer token may read /metrics; without it staff and loopback may.
METRICS_TOKEN = env.secret("METRICS_TOKEN", "")
#: Behind TLS at a proxy: cookies are Secure, and the proxy's X-Forwarded-Proto counts.
HTTPS = env.flag("HTTPS", default=False)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "ninja",
    "django_celery_beat",
    "realtime",
    "tasks",
    "project",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.security.page_security",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
ASGI_APPLICATION = "project.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Databases ---------------------------------------------------------------------------------

_SQLITE = {
    # IMMEDIATE: a transaction that begins by reading cannot be refused the lock later on.
    "transaction_mode": "IMMEDIATE",
    "timeout": 5,
    # FULL: NORMAL may roll back, on power loss, what a client has already been shown.
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864"
    ),
}


#: A server behind a broken network is given up: what nobody answers would stop leases and limits.
_POSTGRES = {
    "connect_timeout": 5,
    "tcp_user_timeout": 15_000,  # ms
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def _database(url: str) -> dict[str, Any]:
    database = dict(environ.Env.db_url_config(url))
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"] = _SQLITE
    else:
        database["CONN_HEALTH_CHECKS"] = True
        database["OPTIONS"] = {**_POSTGRES, **database.get("OPTIONS", {})}
    return database


DATABASES = {"default": _database(env.secret("DATABASE_URL", f"sqlite:///{DATA_DIR}/db.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis and the channel layer ---------------------------------------------------------------

REDIS_URL = env.secret("REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_PREFIX = env.text("REDIS_PREFIX", "bellwire")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "realtime.layer.RedisLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
    }
}

# Jobs ------------------------------------------------------------------------------------

#: After the first a job is told to stop, after the second its process is killed.
JOB_SOFT_LIMIT_SECONDS = env.integer("JOB_SOFT_LIMIT_SECONDS", 1740, least=1)
JOB_HARD_LIMIT_SECONDS = env.integer("JOB_HARD_LIMIT_SECONDS", 1800, least=2)
#: The queues that workers serve; a job's function names one of them.
JOB_QUEUES = ("default", "reports", "images", "mail")
#: How many jobs of one person may wait, 0 for any number.
JOB_MAX_WAITING = env.integer("JOB_MAX_WAITING", 1_000)
#: An attempt whose lease is over is taken to be lost; its worker renews it every sixth of this.
JOB_LEASE_SECONDS = env.integer("JOB_LEASE_SECONDS", 30, least=1)
#: How long a running job that is cancelled gets to stop by itself.
JOB_CANCEL_GRACE_SECONDS = env.integer("JOB_CANCEL_GRACE_SECONDS", 10)
#: How long jobs are kept after their end, with their files.
JOB_KEEP_DAYS = env.integer("JOB_KEEP_DAYS", 30, least=1)
#: Where notifications of a job lead.
JOB_PAGE = "/jobs/{id}/"
#: How long a notification is kept after it became new.
INBOX_KEEP_DAYS = env.integer("INBOX_KEEP_DAYS", 90, least=1)

# Users and sessions ------------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Files and mail ----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
#: Vite puts a digest of the content into these names.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/bellwire/assets/"
MEDIA_ROOT = DATA_DIR / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 100 * 1024 * 1024, least=1)
#: What the uploads of one person may have together.
UPLOAD_QUOTA_BYTES = env.integer("UPLOAD_QUOTA_BYTES", 1024 * 1024 * 1024, least=1)
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.secret("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10
#: Where people find this site, for links in letters: https://jobs.example.org
SITE_URL = env.text("SITE_URL", "")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Bellwire <bellwire@localhost>")

USE_I18N = True
#: What is kept or sent to everybody, such as a job's error, is in this language; a page, and an
#: answer of the API, in that of who asks.
LANGUAGE_CODE = env.text("LANGUAGE_CODE", "en")
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
# Before those of other apps: the admin has words of its own for some of our sentences.
LOCALE_PATHS = [BASE_DIR / "project" / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "project.logs.LineFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # Two lines for every message would say nothing about jobs and cost a tenth of their speed.
    "loggers": {
        name: {"level": "WARNING"} for name in ("celery.app.trace", "celery.worker.strategy")
    },
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
