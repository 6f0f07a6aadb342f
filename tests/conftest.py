"""Fixtures that every test may ask for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import connections
from django.utils import translation

from tests.browser_tab import session, token, topic
from tests.delivery import prefix, wire
from tests.installation import (
    installation,
    migrated_postgres,
    migrated_sqlite,
    on_postgres,
    on_sqlite,
)
from tests.integration.hub_stage import hub
from tests.integration.live_stage import perform
from tests.media import media
from tests.people import alice, bob, clerk, office, root, staff_tab, tab
from tests.postgres import cluster
from tests.redis import own_redis_server, redis, redis_server

__all__ = [
    "alice",
    "bob",
    "clerk",
    "cluster",
    "hub",
    "installation",
    "media",
    "migrated_postgres",
    "migrated_sqlite",
    "office",
    "on_postgres",
    "on_sqlite",
    "own_redis_server",
    "perform",
    "prefix",
    "redis",
    "redis_server",
    "root",
    "session",
    "staff_tab",
    "tab",
    "token",
    "topic",
    "wire",
]


@pytest.fixture(autouse=True)
def _no_language_is_left() -> Iterator[None]:
    """Django leaves a request's language with its thread, which the next test has as well."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep SQLite's test database in a file: in memory, threads lock each other out."""
    database = connections["default"]
    if database.vendor == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        path = Path(configured.DATA_DIR) / f"test{worker}.sqlite3"
        database.settings_dict["TEST"]["NAME"] = str(path)
