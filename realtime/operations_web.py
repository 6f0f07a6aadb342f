"""What a web process tells staff of itself, from its own metrics and hub alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from realtime import hub, metrics
from realtime.durations import Lately, quantile
from realtime.operations import Report
from realtime.operations_reporter import EVERY_SECONDS

#: Quantiles are of the last five minutes: few pages tell what they showed.
_LOOKS = int(300 / EVERY_SECONDS)


class Rate:
    """How fast a total rises, per second between two looks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total, self._at = 0.0, clock()

    def look(self, total: float) -> float:
        """Give the rate since the last look."""
        now = self._clock()
        risen, passed = total - self._total, now - self._at
        self._total, self._at = total, now
        return round(risen / passed, 2) if passed > 0 else 0.0


class Mean:
    """The mean in milliseconds of what was observed since the last look, if anything was."""

    def __init__(self) -> None:
        self._sum = self._count = 0.0
        self._mean: float | None = None

    def look(self, total: float, count: float) -> float | None:
        """Give the mean, or the last one; None before the first observation."""
        if count > self._count:
            self._mean = round((total - self._sum) / (count - self._count) * 1000, 3)
            self._sum, self._count = total, count
        return self._mean


class WebProcess:
    """One web process; looked at from a thread of its own, at a steady pace."""

    def __init__(self, name: str, loop: asyncio.AbstractEventLoop) -> None:
        self._name, self._loop = name, loop
        self._events, self._updates, self._requests = Rate(), Rate(), Rate()
        self._loop_delay, self._position_check = Mean(), Mean()
        durations = {"commit_to_screen": metrics.commit_to_screen, **metrics.stages}
        self._lately = {name: Lately(each, _LOOKS) for name, each in durations.items()}

    def look(self) -> list[Report]:
        """Give this process's one report."""
        heard = hub.of(self._loop)
        body = {
            "process": self._name,
            "draining": bool(_value(metrics.draining)),
            "sockets": int(_value(metrics.sockets)),
            "streams": int(_value(metrics.streams.labels("sse"))),
            "long_polls": int(_value(metrics.streams.labels("poll"))),
            "topics": heard.topics if heard else 0,
            "events_per_second": self._events.look(heard.events if heard else 0),
            "updates_per_second": self._updates.look(heard.updates if heard else 0),
            "requests_per_second": self._requests.look(_value(metrics.requests, "_total")),
            "loop_delay_ms": self._loop_delay.look(*_sum_and_count(metrics.loop_delay)),
            "position_check_ms": self._position_check.look(*_sum_and_count(metrics.position_check)),
            "hints_dropped": int(_value(metrics.hints_dropped, "_total")),
            "latency": {name: _quantiles(lately) for name, lately in self._lately.items()},
        }
        return [Report(f"web:{self._name}", "ops.web", body)]


def _quantiles(lately: Lately) -> dict[str, Any]:
    counts = lately.look()
    p50, p99 = (quantile(counts, share) for share in (0.5, 0.99))
    return {"count": sum(counts), "p50": _milliseconds(p50), "p99": _milliseconds(p99)}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def _sum_and_count(metric: MetricWrapperBase) -> tuple[float, float]:
    return _value(metric, "_sum"), _value(metric, "_count")


def _value(metric: MetricWrapperBase, suffix: str = "") -> float:
    """Add up a metric's samples of one name, over all its labels."""
    return sum(
        sample.value
        for family in metric.collect()
        for sample in family.samples
        if sample.name == f"{family.name}{suffix}"
    )
