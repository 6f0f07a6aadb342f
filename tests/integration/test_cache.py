from __future__ import annotations

import time
from signal import SIGSTOP

import pytest
from django.db import transaction

from realtime import cache, log, redis
from realtime.publish import publish, publish_many, update
from realtime.topics import Topic
from tests.delivery import undone, use
from tests.integration.crowds import slowest

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)

pytestmark = pytest.mark.django_db(transaction=True)


class Count:
    """Something that changes, and how often it was asked for."""

    def __init__(self, value=0):
        self.value, self.asked = value, 0

    def __call__(self):
        self.asked += 1
        return self.value


def tell(topic=ALICE):
    with transaction.atomic():
        publish(topic, "greeting", n=1)


def test_what_was_computed_once_is_remembered(wire):
    count = Count({"running": 3})

    assert [cache.read("user:1", count) for _ in range(3)] == [{"running": 3}] * 3
    assert count.asked == 1


def test_an_event_forgets_its_topics_value_and_no_other(wire):
    alices, bobs = Count(1), Count(1)
    cache.read("user:1", alices), cache.read("user:2", bobs)
    alices.value = bobs.value = 2
    tell(ALICE)

    assert (cache.read("user:1", alices), cache.read("user:2", bobs)) == (2, 1)


def test_all_topics_of_a_transaction_are_forgotten(wire):
    count = Count(1)
    cache.read("user:1", count), cache.read("user:2", count)
    with transaction.atomic():
        publish_many([(ALICE, "greeting", {}), (BOB, "greeting", {}), (ALICE, "greeting", {})])
    count.value = 2

    assert (cache.read("user:1", count), cache.read("user:2", count)) == (2, 2)


def test_what_is_rolled_back_and_what_is_not_kept_forgets_nothing(wire):
    count = Count(1)
    cache.read("user:1", count)
    with undone(transaction.atomic()):
        publish(ALICE, "greeting")
    update(ALICE, "tick", key="job", attempt=1, n=1)
    cache.read("user:1", count)

    assert count.asked == 1


def test_redis_is_told_to_forget_before_it_is_told_of_the_event(wire):
    with wire.redis.monitor() as monitor:
        tell(ALICE)
        wire.redis.echo("end")
        said = []
        while not (line := monitor.next_command()["command"]).startswith("ECHO end"):
            said.append(line.split()[:2])

    forgotten, told = f"{wire.prefix}:cache:user:1", f"{wire.prefix}__group__user.1"
    ours = [words for words in said if words[0] in ("DEL", "PUBLISH")]
    assert ours == [["DEL", forgotten], ["PUBLISH", told]]


def test_what_was_read_before_an_event_is_not_stored_after_it(wire):
    def overtaken():
        tell(ALICE)
        return "old"

    assert cache.read("user:1", overtaken) == "old"
    assert cache.read("user:1", lambda: "new") == "new"


def test_a_second_lease_is_not_taken_for_the_first(wire):
    def overtaken():
        tell(ALICE)
        cache.read("user:1", slower)
        return "old"

    def slower():
        with pytest.raises(ZeroDivisionError):
            cache.read("user:1", lambda: 1 / 0)
        return "new"

    cache.read("user:1", overtaken)

    assert cache.read("user:1", lambda: "newest") == "new"


def test_while_one_computes_others_compute_and_leave_the_storing_to_it(wire):
    def slow():
        assert cache.read("user:1", lambda: "meanwhile") == "meanwhile"
        return "stored"

    cache.read("user:1", slow)

    assert cache.read("user:1", lambda: "anew") == "stored"


def test_a_lease_whose_holder_died_ends(wire, monkeypatch):
    monkeypatch.setattr(cache, "LEASE_MS", 20)
    with pytest.raises(ZeroDivisionError):
        cache.read("user:1", lambda: 1 / 0)
    time.sleep(0.05)
    cache.read("user:1", lambda: "stored")

    assert cache.read("user:1", lambda: "anew") == "stored"


def test_nothing_is_remembered_for_longer_than_a_minute(wire):
    cache.read("user:1", Count(1))

    assert 0 < wire.redis.pttl(f"{wire.prefix}:cache:user:1") <= 60_000


@pytest.mark.parametrize(
    "lose",
    [
        pytest.param(lambda: log.append_many([("user:1", "{}")]), id="a deletion"),
        pytest.param(log.bump_epoch, id="the history"),
    ],
)
def test_who_knows_a_position_is_not_given_what_is_older_whatever_was_lost(wire, lose):
    count = Count(1)
    cache.read("user:1", count, since=log.position("user:1"))
    count.value = 2
    with transaction.atomic():
        lose()

    assert cache.read("user:1", count) == 1
    assert cache.read("user:1", count, since=log.position("user:1")) == 2
    assert cache.read("user:1", count) == 2


def test_a_value_is_as_old_as_the_position_that_was_read_before_it(wire):
    def overtaken():
        with transaction.atomic():
            log.append_many([("user:1", "{}")])
        return "old"

    cache.read("user:1", overtaken)

    assert cache.read("user:1", lambda: "new", since=log.position("user:1")) == "new"


def test_a_transaction_reads_what_it_wrote_and_tells_nobody(wire):
    cache.read("user:1", lambda: "committed")
    with transaction.atomic():
        assert cache.read("user:1", lambda: "uncommitted") == "uncommitted"
        assert cache.read("user:2", lambda: "uncommitted") == "uncommitted"

    assert cache.read("user:1", lambda: "anew") == "committed"
    assert cache.read("user:2", lambda: "anew") == "anew"


@pytest.mark.parametrize(
    "forged", [b"", b"7", b"[1,2]", b"\xff", b"nonsense"], ids=lambda bytes: repr(bytes)
)
def test_what_is_not_ours_is_computed_anew(wire, forged):
    wire.redis.set(f"{wire.prefix}:cache:user:1", forged)

    assert cache.read("user:1", lambda: "new") == "new"
    assert cache.read("user:1", lambda: "anew") == "new"


def test_what_is_too_large_is_not_stored(wire):
    count = Count("x" * cache.MAX_BYTES)
    cache.read("user:1", count)

    assert cache.read("user:1", count) == count.value
    assert count.asked == 2


class TestWithoutRedis:
    @pytest.fixture(params=["dead", "frozen", "full"])
    def trouble(self, request, settings, own_redis_server):
        use(settings, own_redis_server)
        cache.read("user:1", lambda: "remembered")
        if request.param == "dead":
            own_redis_server.stop()
        elif request.param == "full":
            redis.redis_command("CONFIG", "SET", "maxmemory", 1)
        else:
            own_redis_server.process.send_signal(SIGSTOP)

    def test_values_are_computed_and_hardly_delayed(self, trouble):
        began = time.monotonic()

        values = [cache.read("user:1", Count(n)) for n in range(300)]

        assert values == list(range(300))
        assert time.monotonic() - began < 0.5

    def test_no_thread_is_delayed_for_longer(self, trouble):
        def work():
            for n in range(50):
                assert cache.read("user:1", Count(n)) == n

        assert slowest(work) < 0.5


def test_a_commit_while_redis_was_away_is_seen_by_who_knows_its_position(
    settings, own_redis_server, monkeypatch
):
    monkeypatch.setattr(redis, "OPEN_SECONDS", 0.1)
    use(settings, own_redis_server)
    cache.read("user:1", lambda: "old")
    redis.link()._trip()
    tell(ALICE)
    while redis.link().is_open:
        pass

    assert cache.read("user:1", lambda: "new") == "old"
    assert cache.read("user:1", lambda: "new", since=log.position("user:1")) == "new"
