"""Delivery alone, for members."""

from project.settings import *  # noqa: F403 (everything but what follows)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "channels",
    "realtime",
    "tests.members",
]
MIDDLEWARE: list[str] = []
AUTH_USER_MODEL = "members.Member"
SESSION_ENGINE = "tests.members.sessions"
