"""What the platform's processes tell of themselves: who hears it, and what is kept."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from realtime import hub, metrics, operations, roll_call
from realtime.layer import decode
from realtime.operations import KEPT, KEPT_MS, MAX_BYTES, SILENT_MS, TOPIC, Report, read, tell
from realtime.operations_reporter import EVERY_SECONDS, REST, Reporter
from realtime.pool import ask
from tests.browser_tab import log_in, open_tab
from tests.delivery import until
from tests.integration.hub_stage import Count

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


def report(number=1, key="web:h/web1", **body):
    return Report(key, "ops.web", {"process": "h/web1", "sockets": number, **body})


@pytest.fixture
def keys(prefix, redis):
    """The names that are remembered, with how long each still is."""
    return lambda: {
        key.decode().removeprefix(f"{prefix}:ops:"): redis.pttl(key)
        for key in redis.keys(f"{prefix}:ops:*")
    }


@pytest.fixture
async def staff():
    return await ask(lambda: User.objects.create_user("carol", is_staff=True))


async def test_staff_hear_what_a_process_tells(staff):
    tab = await open_tab(await ask(log_in, staff))
    await tab.ask("subscribe", channel="ops:all")

    await ask(tell, report(5))

    told = (await tab.event())["data"]
    assert (told["v"], told["type"], told["process"], told["sockets"]) == (
        1,
        "ops.web",
        "h/web1",
        5,
    )
    assert told["at"].endswith("Z")
    assert told["n"] > 1_700_000_000_000


@pytest.mark.parametrize("channel", ["ops:all", "ops:web"])
async def test_nobody_else_hears_it(session, channel):
    tab = await open_tab(session)

    assert (await tab.ask("subscribe", channel=channel))["error"]["code"] == 103
    await ask(tell, report())
    assert await tab.is_quiet()


async def test_staff_hear_no_other_topic_of_the_kind(staff):
    tab = await open_tab(await ask(log_in, staff))

    assert (await tab.ask("subscribe", channel="ops:web"))["error"]["code"] == 103


async def test_who_is_staff_no_more_hears_it_no_more(staff):
    tab = await open_tab(await ask(log_in, staff))
    await tab.ask("subscribe", channel="ops:all")

    await ask(lambda: User.objects.filter(pk=staff.pk).update(is_staff=False))
    await roll_call.local().rules.ask()

    unsubscribed = (await tab.hear())["push"]
    assert (unsubscribed["channel"], unsubscribed["unsubscribe"]["code"]) == ("ops:all", 2000)
    await ask(tell, report())
    assert await tab.is_quiet()


def test_what_was_told_is_remembered_without_what_was_passing():
    for number in (1, 2, 3):
        assert tell(
            Report("k", "ops.web", {"sockets": number, "running": [1]}, frozenset({"running"}))
        )

    [told] = read()

    assert (told.key, told.last["sockets"], told.last["running"]) == ("k", 3, [1])
    assert [(each["sockets"], "running" in each) for each in told.history] == [
        (1, False),
        (2, False),
        (3, False),
    ]
    assert not told.is_silent


def test_a_history_is_cut_and_forgotten_in_the_end(monkeypatch, keys):
    monkeypatch.setattr(operations, "KEPT", 3)

    for number in range(5):
        tell(report(number))

    assert [each["sockets"] for each in read()[0].history] == [2, 3, 4]
    lives = keys()
    assert set(lives) == {"keys", "last:web:h/web1", "history:web:h/web1"}
    assert all(0 < lives[key] <= KEPT_MS for key in lives if key != "keys")
    assert KEPT * EVERY_SECONDS * 1000 == KEPT_MS


@pytest.mark.parametrize(
    ("lives_ms", "is_silent"),
    [
        pytest.param(KEPT_MS - SILENT_MS + 5_000, False, id="a moment ago"),
        pytest.param(KEPT_MS - SILENT_MS - 1, True, id="too long ago"),
    ],
)
def test_who_has_told_nothing_for_long_is_silent(redis, prefix, lives_ms, is_silent):
    tell(report())

    redis.pexpire(f"{prefix}:ops:last:web:h/web1", lives_ms)

    assert [told.is_silent for told in read()] == [is_silent]


def test_who_has_told_nothing_for_ten_minutes_is_forgotten(redis, prefix):
    tell(report())
    tell(report(key="web:h/web2"))

    redis.delete(f"{prefix}:ops:last:web:h/web1")

    assert [told.key for told in read()] == ["web:h/web2"]
    assert redis.smembers(f"{prefix}:ops:keys") == {b"web:h/web2"}


def test_what_is_not_ours_is_let_pass(redis, prefix):
    tell(report())

    redis.rpush(f"{prefix}:ops:history:web:h/web1", "[")

    assert read() == []


def test_a_report_that_is_too_large_is_counted_and_not_told(wire):
    dropped = Count(metrics.operations_dropped)

    assert not tell(report(text="x" * MAX_BYTES))

    assert dropped == 1
    assert wire.heard() == []
    assert read() == []


def test_without_redis_a_report_is_counted_and_nothing_is_remembered(settings):
    settings.REDIS_URL = "unix:///nonexistent/redis.sock?db=0"
    dropped = Count(metrics.operations_dropped)

    assert not tell(report())

    assert dropped == 1
    assert read() == []


def test_of_one_key_the_newest_report_wins(wire):
    tell(report(1))
    tell(report(2))

    updates = [decode(message) for _, message in wire.heard()]
    assert {(update.topic, update.key) for update in updates} == {(str(TOPIC), "web:h/web1")}
    assert updates[0].n <= updates[1].n


async def test_a_reporter_that_fails_goes_on():
    def look():
        raise ZeroDivisionError

    assert 0 < await ask(Reporter(look).tell) <= EVERY_SECONDS


def test_a_slow_look_is_followed_by_a_long_rest(monkeypatch):
    moments = iter([100.0, 101.0])
    monkeypatch.setattr("realtime.operations_reporter.time.monotonic", lambda: next(moments))

    assert Reporter(list).tell() == REST - 1


async def test_the_hub_counts_what_it_hears(staff):
    tab = await open_tab(await ask(log_in, staff))
    await tab.ask("subscribe", channel="ops:all")
    before = hub.local().updates
    await ask(tell, report())
    await tab.event()

    assert await until(lambda: hub.local().updates - before) == 1
