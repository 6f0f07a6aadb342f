"""Settings of the servers that tests start: few apps, and an application to poke at."""

import os

from project.settings import *  # noqa: F403 (everything but what follows)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "channels",
    "realtime",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "tests.integration.server_application"
ASGI_APPLICATION = "tests.integration.server_application.application"
REALTIME = {
    "stop_seconds": 1.0,
    "drain_seconds": float(os.environ.get("TEST_DRAIN_SECONDS", "0.5")),
    "request_seconds": float(os.environ.get("TEST_DRAIN_SECONDS", "1")),
    "max_body_bytes": 100_000,
    "max_upload_bytes": 2_000_000,
}
