"""From commit to screen: where the time of each live event goes.

A live event carries when it was committed, handed to Redis and written to sockets; a page
tells when some of them arrived there and were shown. What was replayed carries nothing.
"""

from __future__ import annotations

import math
from itertools import pairwise
from time import time_ns
from typing import NamedTuple

from realtime import metrics
from realtime.durations import MOST
from realtime.protocol import tagged

#: How far the clocks of two servers, and a page's idea of them, may be apart, in milliseconds.
CLOCK_ERROR = 100.0
#: What was shown longer ago is not told any more.
OLDEST = 5 * 60_000.0
#: What took longer was shown by a page that slept, or is a lie.
LONGEST = 10 * 60_000.0

_commit_to_publish = metrics.stages["commit_to_publish"]
_publish_to_write = metrics.stages["publish_to_write"]
_published, _written = _commit_to_publish.counts, _publish_to_write.counts
_write_to_receive = metrics.stages["write_to_receive"]
_receive_to_show = metrics.stages["receive_to_show"]


class Shown(NamedTuple):
    """One event's way to one screen: milliseconds since 1970, by the server's clock."""

    c: float  #: committed
    p: float  #: handed to Redis
    w: float  #: written by the hub
    received: float
    shown: float


def now() -> int:
    """Give the time in microseconds since 1970."""
    return time_ns() // 1000


def stamp(payload: bytes, times: tuple[int, int]) -> bytes:
    """Write onto a publication when it was what, and count the stages that are over."""
    committed, published = times
    written = time_ns() // 1000
    # The path of every event, so ``Durations.observe`` is spelt out here, twice.
    took = published - committed
    if 0 <= took < MOST:
        _published[took.bit_length()] += 1
        _commit_to_publish.total += took
    took = written - published
    if 0 <= took < MOST:
        _written[took.bit_length()] += 1
        _publish_to_write.total += took
    return tagged(payload, committed, published, written)


def take(shown: Shown, at: float) -> bool:
    """Count what a page tells, ``at`` being now in milliseconds; False if it makes no sense."""
    if not _makes_sense(shown, at):
        metrics.shown_samples.labels("odd").inc()
        return False
    metrics.shown_samples.labels("taken").inc()
    metrics.commit_to_screen.observe(_microseconds(shown.shown - shown.c))
    _write_to_receive.observe(_microseconds(shown.received - shown.w))
    _receive_to_show.observe(_microseconds(shown.shown - shown.received))
    return True


def _makes_sense(shown: Shown, at: float) -> bool:
    if not all(map(math.isfinite, shown)):
        return False
    moments = (*shown, at)
    is_in_order = all(after - before >= -CLOCK_ERROR for before, after in pairwise(moments))
    took = shown.shown - shown.c
    return is_in_order and at - shown.shown <= OLDEST and -CLOCK_ERROR <= took < LONGEST


def _microseconds(milliseconds: float) -> int:
    # Less than nothing is the clocks' error.
    return max(0, round(milliseconds * 1000))
