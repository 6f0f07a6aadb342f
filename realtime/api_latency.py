"""The API that a page tells when it showed events, and asks what time the server has."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from realtime import latency
from realtime.bucket import Bucket

router = Router(tags=["events"])

MAX_SAMPLES = 20
#: One session's reports: so many at once, one for each open tab, then so many a second.
BURST, PER_SECOND = 10, 0.2
#: Sessions remembered at once, those that told last.
MAX_SESSIONS = 10_000


class SampleIn(Schema):
    """One event's way to the screen: milliseconds since 1970, by the server's clock."""

    c: float = Field(description="Committed: the event's own tag.")
    p: float = Field(description="Published: the event's own tag.")
    w: float = Field(description="Written to the socket: the event's own tag.")
    received: float
    shown: float


class ShownIn(Schema):
    """What a page has shown. ``sent`` is by the page's own clock, and not looked at."""

    sent: float
    samples: list[SampleIn] = Field(default=[], max_length=MAX_SAMPLES)


class ClockOut(Schema):
    """When the request came and when it was answered: milliseconds since 1970."""

    received: float
    now: float


class Buckets:
    """How often each session may report; the longest silent are forgotten."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, session: str, now: float) -> bool:
        """Take one of a session's turns; False if it has none."""
        with self._lock:
            bucket = self._buckets.pop(session, None) or Bucket(PER_SECOND, BURST)
            self._buckets[session] = bucket
            if len(self._buckets) > MAX_SESSIONS:
                self._buckets.popitem(last=False)
            return bucket.take(1, now)


_buckets = Buckets()


@router.post("/shown", response=ClockOut, summary="Tell when events were shown")
def shown(request: HttpRequest, report: ShownIn) -> dict[str, Any]:
    """Take samples into the histograms, and tell the time; nothing of the person is kept.

    Samples that make no sense are dropped. Once in 10 s is enough: too often is 429.
    """
    received = latency.now() / 1000
    session = request.session.session_key or f"user {request.user.pk}"
    if not _buckets.take(session, time.monotonic()):
        raise HttpError(429, "Once in 10 seconds is enough.")
    for sample in report.samples:
        latency.take(latency.Shown(**sample.dict()), received)
    return {"received": received, "now": latency.now() / 1000}
