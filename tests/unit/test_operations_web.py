from __future__ import annotations

import asyncio

import pytest

from realtime import metrics
from realtime.operations_web import Mean, Rate, WebProcess


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_rate_is_of_the_time_since_the_last_look(clock):
    rate, rates = Rate(clock), []

    for seconds, total in ((2, 10), (2, 10), (4, 12)):
        clock.now += seconds
        rates.append(rate.look(total))

    assert rates == [5.0, 0.0, 0.5]


def test_a_rate_is_nothing_where_no_time_has_passed(clock):
    assert Rate(clock).look(10) == 0.0


def test_a_mean_stays_until_there_is_something_new():
    mean = Mean()

    assert [mean.look(*seen) for seen in ((0, 0), (0.5, 2), (0.5, 2), (1.5, 3))] == [
        None,
        250.0,
        250.0,
        1000.0,
    ]


async def test_a_web_process_tells_of_itself():
    process = WebProcess("host/web1", asyncio.get_running_loop())
    for _ in range(100):
        metrics.commit_to_screen.observe(40_000)
    metrics.requests.labels("2xx").inc(3)

    with metrics.streams.labels("sse").track_inprogress():
        [report] = process.look()

    body = report.body
    assert (body["streams"], body["long_polls"]) == (1, 0)
    assert (report.key, report.type, body["process"]) == ("web:host/web1", "ops.web", "host/web1")
    assert body["requests_per_second"] > 0
    assert set(body["latency"]) == {"commit_to_screen", *metrics.stages}
    to_screen = body["latency"]["commit_to_screen"]
    assert (to_screen["count"], to_screen["p50"]) == (100, pytest.approx(49.152))
    assert to_screen["p50"] <= to_screen["p99"] <= 65.536
    assert body["latency"]["receive_to_show"] == {"count": 0, "p50": None, "p99": None}
