import os
import signal

import pytest

from realtime import health
from tasks import liveness
from tests.installation import eventually


@pytest.fixture
def _shared_redis(redis_server, settings, request):
    settings.REDIS_URL = redis_server.url
    settings.REDIS_PREFIX = f"liveness-{request.node.name}"


@pytest.mark.usefixtures("_shared_redis")
def test_a_worker_that_was_heard_of_is_alive():
    liveness.redis_command("SET", f"{liveness.conf.REDIS_PREFIX}:worker:w1@here", b"1")

    assert liveness.alive() == ["w1@here"]
    assert liveness.check_worker() == ""


@pytest.mark.usefixtures("_shared_redis")
def test_without_a_worker_the_check_says_so():
    assert liveness.check_worker() == "No worker was heard of in the last 15 s."


def test_without_redis_nobody_can_tell():
    assert "Redis does not answer" in liveness.check_worker()


def test_the_health_check_asks_for_a_worker():
    assert health._checks["worker"] is liveness.check_worker


def test_a_worker_says_that_it_lives_and_that_it_goes(on_sqlite, redis):
    worker = on_sqlite.start_worker()
    (key,) = redis.keys(f"{on_sqlite.env['REDIS_PREFIX']}:worker:*")
    assert 0 < redis.ttl(key) <= 15

    os.kill(worker.pid, signal.SIGTERM)

    eventually(lambda: not redis.exists(key), seconds=10)
