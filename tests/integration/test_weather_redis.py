"""Redis dead, frozen, emptied, restarted, full or hanging up, under a running platform."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest

from tests.installation import Installation, eventually
from tests.redis import RedisServer, running_redis
from tests.weather.stage import PATIENCE, Platform

#: A request that waits for Redis may take 0.5 s longer; a loaded machine needs more.
PROMISED_SECONDS, SLACK_SECONDS = 0.5, 2.5
FROZEN_SECONDS = 8
#: More than a worker of two slots takes before it has room.
BACKLOG = 12
LIFE = ["job.queued", "job.started", "job.succeeded"]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture(scope="module")
def site(
    server: RedisServer, tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("weather")
    database = shutil.copy(migrated_sqlite, folder)
    site = Installation(folder, f"sqlite:///{database}", server.url)
    yield site
    site.stop()


@pytest.fixture(scope="module")
def platform(site: Installation, server: RedisServer) -> Platform:
    """One platform for all troubles, which begins without Redis; after each it is as new."""
    server.stop()
    platform = Platform(site)
    job = platform.start("nothing")
    assert platform.get("/readyz")[0] == 503
    with platform.listening() as ear:
        server.start()
        ear.hears(job)
    eventually(lambda: platform.get("/readyz")[0] == 200, PATIENCE)
    platform.must_live()
    return platform


@contextmanager
def dead(server: RedisServer) -> Iterator[None]:
    server.stop()
    yield
    server.start()


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    server.process.send_signal(SIGSTOP)
    thaws_at = time.monotonic() + FROZEN_SECONDS
    try:
        yield
        time.sleep(max(0, thaws_at - time.monotonic()))
    finally:
        server.process.send_signal(SIGCONT)


@contextmanager
def restarted(server: RedisServer) -> Iterator[None]:
    server.stop()
    server.start()
    yield


@contextmanager
def full(server: RedisServer) -> Iterator[None]:
    with closing(server.client()) as client:
        client.config_set("maxmemory", 1)
        try:
            yield
        finally:
            client.config_set("maxmemory", 0)


@contextmanager
def commanded(server: RedisServer, *words: str) -> Iterator[None]:
    with closing(server.client()) as client:
        client.execute_command(*words)
    yield


def emptied(server: RedisServer):
    return commanded(server, "FLUSHALL")


def hanging_up_on_listeners(server: RedisServer):
    return commanded(server, "CLIENT", "KILL", "TYPE", "pubsub")


def hanging_up(server: RedisServer):
    return commanded(server, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


@pytest.mark.parametrize(
    "trouble",
    [dead, frozen, restarted, full, emptied, hanging_up_on_listeners, hanging_up],
    ids=lambda trouble: trouble.__name__,
)
def test_redis_may_be_in_any_trouble(
    platform: Platform, server: RedisServer, tmp_path: Path, trouble: Callable
):
    with platform.listening() as ear:
        usual = max(timed_submit(platform)[1] for _ in range(3))
        # Both slots are taken: these are messages that Redis, or the worker, has in hand.
        first, second = (platform.start_waiting(ear, tmp_path / name) for name in ("1", "2"))
        waiting = [platform.start("nothing") for _ in range(BACKLOG)]
        with trouble(server):
            submitted = [timed_submit(platform) for _ in range(5)]
            accepted = [job for job, _ in submitted]
            (tmp_path / "1").touch()
            # Where Redis carries no hints, these are found by the position check.
            for job in accepted:
                ear.hears(job, "job.queued")
            ear.hears(first)
            with platform.listening() as late:
                assert late.connected
        (tmp_path / "2").touch()
        for job in [second, *waiting, *accepted]:
            ear.hears(job)
        after = platform.start("echo", word="again")
        ear.hears(after)

        jobs = [first, second, *waiting, *accepted, after]
        assert [ear.types(job) for job in jobs] == [LIFE] * len(jobs)
        assert ear.offsets == list(range(ear.offsets[0], ear.offsets[0] + len(ear.offsets)))
    longest = max(seconds for _, seconds in submitted)
    print(f"{trouble.__name__}: a submit took {longest:.3f} s at most, usually {usual:.3f} s")
    assert longest < usual + PROMISED_SECONDS + SLACK_SECONDS
    platform.must_live()


def timed_submit(platform: Platform) -> tuple[str, float]:
    status, job, seconds = platform.submit("nothing")
    assert status == 201, job
    return job["id"], seconds
