"""The pytest plugin: fixtures for the tests of a site with jobs and live pages.

Every run of pytest loads this module once the wheel is installed, also where nothing of it is
used and before settings are read. So it imports nothing but pytest, and each fixture what it
needs.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tasks.models import Job
    from tasks.testing.tab import Tab
    from tasks.testing.worker import Worker


@pytest.fixture(scope="session")
def bellwire_redis_server() -> Iterator[str]:
    """The URL of a Redis or Valkey server: a private one, else REDIS_URL's, else a skip."""
    from tasks.testing.redis_server import NoServer, given_server, running_server

    try:
        with running_server() as server:
            yield server.url
    except NoServer as error:
        if not (url := given_server()):
            pytest.skip(str(error))
        yield url


@pytest.fixture
def bellwire_redis(bellwire_redis_server: str, settings: Any) -> str:
    """The URL of the server that the site uses in this test, under names of the test's own."""
    layer = settings.CHANNEL_LAYERS["default"]["BACKEND"]
    settings.REDIS_URL, settings.REDIS_PREFIX = bellwire_redis_server, f"test-{uuid.uuid4().hex}"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": layer}}
    return bellwire_redis_server


@pytest.fixture
def run_jobs(db: None) -> Callable[[], list[Job]]:
    """``run_jobs()`` runs what is due, here and now, and returns the jobs that it ran."""
    from tasks.testing.jobs import run_jobs

    return run_jobs


@pytest.fixture
def assert_notified(db: None) -> Callable[..., dict[str, Any]]:
    """``assert_notified(user, "job.succeeded", kind="export")`` finds what a person was told."""
    from tasks.testing.told import assert_notified

    return assert_notified


@pytest.fixture
def open_tab(transactional_db: None, bellwire_redis: str) -> Iterator[Callable[[Any], Tab]]:
    """``open_tab(user)`` opens a person's page, without a browser, until the test ends."""
    from tasks.testing.tab import open_tabs

    with open_tabs() as open_tab:
        yield open_tab


@pytest.fixture
def bellwire_worker(
    transactional_db: None, bellwire_redis: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    """A Celery worker of all queues, as a process of its own, until the test ends."""
    from tasks.testing.worker import running_worker

    with running_worker(tmp_path_factory.mktemp("bellwire")) as worker:
        yield worker
