from __future__ import annotations

import time
from signal import SIGCONT, SIGSTOP

import pytest
from django.db import transaction

from realtime import metrics, redis
from realtime.publish import publish, update
from tests.delivery import use
from tests.integration.crowds import slowest
from tests.integration.publications import ALICE, kept

pytestmark = pytest.mark.django_db(transaction=True)


class TestWithoutRedis:
    @pytest.fixture(params=["dead", "frozen", "frozen before the first command"])
    def trouble(self, request, settings, own_redis_server):
        use(settings, own_redis_server)
        if request.param != "frozen before the first command":
            assert redis.redis_command("PING") == b"PONG"
        if request.param == "dead":
            own_redis_server.stop()
        else:
            own_redis_server.process.send_signal(SIGSTOP)
        return own_redis_server

    def end(self, trouble):
        if trouble.process.poll() is None:
            trouble.process.send_signal(SIGCONT)
        else:
            trouble.start()

    def test_three_hundred_updates_in_a_row_are_hardly_delayed(self, trouble):
        began = time.monotonic()

        taken = [update(ALICE, "tick", key="job", attempt=1, n=n) for n in range(1, 301)]

        assert time.monotonic() - began < 0.5
        assert not any(taken)

    def test_three_hundred_events_are_kept_and_hardly_delayed(self, trouble):
        dropped = metrics.hints_dropped._value.get()
        with transaction.atomic():
            for n in range(300):
                publish(ALICE, "greeting", n=n)
            began = time.monotonic()

        assert time.monotonic() - began < 0.5
        assert kept(ALICE) == list(range(300))
        assert metrics.hints_dropped._value.get() == dropped + 300

    def test_no_thread_is_delayed_for_longer(self, trouble):
        def work():
            for n in range(1, 50):
                update(ALICE, "tick", key="job", attempt=1, n=n)

        assert slowest(work) < 0.5

    def test_it_recovers_by_itself(self, trouble, monkeypatch):
        monkeypatch.setattr(redis, "OPEN_SECONDS", 0.1)
        assert not update(ALICE, "tick", key="job", attempt=1, n=1)
        self.end(trouble)

        deadline = time.monotonic() + 3
        while not update(ALICE, "tick", key="job", attempt=1, n=2):
            assert time.monotonic() < deadline

        assert not redis.link().is_open


def test_a_restart_between_two_commands_costs_no_hint(settings, own_redis_server):
    use(settings, own_redis_server)
    assert update(ALICE, "tick", key="job", attempt=1, n=1)
    own_redis_server.stop()
    own_redis_server.start()

    assert update(ALICE, "tick", key="job", attempt=1, n=2)
