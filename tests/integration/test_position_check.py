"""Positions are compared with the log: what no hint announced arrives all the same."""

from __future__ import annotations

import asyncio
import math
import time

import pytest

from realtime import metrics
from realtime.hub import Hub
from realtime.layer import RedisLayer
from realtime.topics import Topic
from tests.browser_tab import open_tab
from tests.delivery import say, until
from tests.integration.hub_stage import Count, Tab, append, without_table

pytestmark = pytest.mark.django_db(transaction=True)


class Deaf:
    """A layer that loses every message."""

    def __init__(self, layer):
        self._layer = layer

    def __getattr__(self, name):
        return getattr(self._layer, name)

    async def open_channel(self, deliver):
        return await self._layer.open_channel(lambda data: None)


@pytest.fixture
async def deaf_hub(prefix, redis_server, settings):
    settings.REALTIME = {"position_check_seconds": 1}
    return Hub(Deaf(RedisLayer(hosts=[redis_server.url], prefix=prefix).here()))


@pytest.fixture
async def busy_hub(prefix, redis_server, settings):
    """A hub that compares all the time."""
    settings.REALTIME = {"position_check_seconds": 0.05}
    return Hub(RedisLayer(hosts=[redis_server.url], prefix=prefix).here())


class Clock(Tab):
    """A tab that notes when it heard each number."""

    def __init__(self):
        super().__init__()
        self.heard_at = {}

    def _write(self, frame):
        has_room = super()._write(frame)
        self.heard_at[self.numbers[-1]] = time.monotonic()
        return has_room


async def test_with_every_hint_lost_each_event_arrives_within_the_period_and_two_seconds(deaf_hub):
    topics = [Topic.of_user(number) for number in range(1, 6)]
    tabs = [await Clock().listen(deaf_hub, topic) for topic in topics]
    told_at = {}

    for number in range(15):
        await asyncio.gather(*(say(topic, number) for topic in topics))
        told_at[number] = time.monotonic()
        await asyncio.sleep(0.2)

    await until(lambda: all(len(tab.pushed) == 15 for tab in tabs))
    delays = [tab.heard_at[number] - told_at[number] for tab in tabs for number in told_at]
    assert max(delays) < 1 + 2
    assert [tab.offsets for tab in tabs] == [list(range(1, 16))] * 5


async def test_many_topics_that_lag_are_all_read(deaf_hub):
    lags = Count(metrics.lags_found)
    topics = [Topic.of_user(number) for number in range(1, 51)]
    tabs = [await Tab().listen(deaf_hub, topic) for topic in topics]
    for topic in topics:
        await append(7, topic=topic)

    await until(lambda: all(tab.numbers == [7] for tab in tabs))

    assert lags == 50


async def test_a_check_that_fails_is_told_and_counted_until_one_succeeds(busy_hub, caplog):
    failed = Count(metrics.position_checks_failed)
    await Tab().listen(busy_hub)
    assert busy_hub.blind_since == math.inf

    async with without_table("realtime_stream"):
        await until(lambda: failed > 1)
        since = busy_hub.blind_since
        await until(lambda: failed > 3)
        assert busy_hub.blind_since == since
    assert "hub.check_failed" in [record.action for record in caplog.records]
    await until(lambda: busy_hub.blind_since == math.inf)


async def test_a_check_that_takes_longer_than_its_period_is_told(busy_hub, settings, caplog):
    settings.REALTIME = {"position_check_seconds": 1e-6}
    await Tab().listen(busy_hub)

    await until(lambda: "hub.check_slow" in [record.action for record in caplog.records])


@pytest.mark.usefixtures("prefix")
async def test_where_positions_could_not_be_compared_for_long_all_sockets_are_closed(
    session, settings, caplog
):
    caplog.set_level(100)
    settings.REALTIME = {
        "position_check_seconds": 0.05,
        "roll_call_seconds": 0.05,
        "unasked_seconds": 0.5,
    }
    tab = await open_tab(session)

    async with without_table("realtime_stream"):
        assert await tab.end() == (3004, "internal server error")
