"""The database gone, hanging up or locked, under a running platform."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest

from tests.installation import MIGRATE, Installation, eventually
from tests.postgres import Cluster, start_cluster
from tests.redis import RedisServer
from tests.weather.stage import PATIENCE, Ear, Platform

LIFE = ["job.queued", "job.started", "job.succeeded"]
AWAY_SECONDS = 3


@pytest.fixture(scope="module")
def own_cluster() -> Iterator[Cluster]:
    with start_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def on_own_postgres(
    own_cluster: Cluster,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("weather-pg")
    site = Installation(folder, own_cluster.create("weather"), redis_server.url)
    site.run(MIGRATE)
    yield site
    site.stop()


@pytest.fixture(scope="module")
def platform(on_own_postgres: Installation) -> Platform:
    """One platform for both troubles: after the first it must be as good as new."""
    return Platform(on_own_postgres)


@contextmanager
def gone(cluster: Cluster, site: Installation) -> Iterator[None]:
    cluster.stop()
    yield
    time.sleep(AWAY_SECONDS)
    cluster.start()


@contextmanager
def hanging_up(cluster: Cluster, site: Installation) -> Iterator[None]:
    with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as postgres:
        postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    yield


@pytest.mark.postgres
@pytest.mark.parametrize("trouble", [hanging_up, gone], ids=lambda trouble: trouble.__name__)
def test_postgres_may_be_in_any_trouble(platform, on_own_postgres, own_cluster, tmp_path, trouble):
    with platform.listening() as ear:
        # One ends while the database is away, the other after it is back.
        first, second = (platform.start_waiting(ear, tmp_path / name) for name in ("1", "2"))
        waiting = [platform.start("nothing") for _ in range(6)]
        with trouble(own_cluster, on_own_postgres):
            (tmp_path / "1").touch()
            status, answer, _ = platform.submit("nothing")
            meanwhile = [answer["id"]] if status == 201 else []
            assert status in (201, 503)
        (tmp_path / "2").touch()
        after = _submitted_once_it_is_back(platform)
        jobs = [first, second, *waiting, *meanwhile, after]
        for job in jobs:
            ear.hears(job)
        _is_whole(ear, jobs)
    platform.must_live()


@pytest.mark.parametrize("seconds", [3, 10])
def test_sqlite_may_be_locked(on_sqlite, tmp_path, seconds):
    platform = Platform(on_sqlite)
    with platform.listening() as ear:
        job = platform.start_waiting(ear, tmp_path / "go")
        waiting = [platform.start("nothing") for _ in range(3)]
        with _locked(on_sqlite):
            began = time.monotonic()
            (tmp_path / "go").touch()
            status, answer, _ = platform.submit("nothing")
            meanwhile = [answer["id"]] if status == 201 else []
            assert status in (201, 503)
            time.sleep(max(0, began + seconds - time.monotonic()))
        after = _submitted_once_it_is_back(platform)
        for each in [job, *waiting, *meanwhile, after]:
            ear.hears(each)
        _is_whole(ear, [job, *waiting, *meanwhile, after])
    platform.must_live()


@contextmanager
def _locked(site: Installation) -> Iterator[None]:
    path = site.env["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def _submitted_once_it_is_back(platform: Platform) -> str:
    def submitted() -> str:
        status, answer, _ = platform.submit("echo", word="again")
        return str(answer["id"]) if status == 201 else ""

    return str(eventually(submitted, PATIENCE))


def _is_whole(ear: Ear, jobs: list[str]) -> None:
    """Each job told of its whole life, and nothing came twice or out of order."""
    assert [ear.types(job) for job in jobs] == [LIFE] * len(jobs)
    assert ear.offsets == list(range(ear.offsets[0], ear.offsets[0] + len(ear.offsets)))
