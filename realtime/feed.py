"""One topic as one process hears it: whose turn it is, who listens, what waits. Pure.

The feed has one position, each subscription its own. The next offset is delivered, an old
one dropped, a later one kept until the gap before it is filled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

import msgspec

from realtime.frames import text_frame
from realtime.history import Page
from realtime.protocol import publication
from realtime.subscription import MAX_KEYS, Missed, Subscription

#: Later events that wait for a gap to fill; more are dropped, the database has them.
MAX_LATER = 256

#: When a live event was committed and published, in microseconds since 1970.
Times = tuple[int, int]
#: Writes an event's times onto its payload.
Stamp = Callable[[bytes, Times], bytes]

_ENDED = (1 << 62, 0)
_SESSION_ENDED = b'"type":"session.ended"'


class _Ending(msgspec.Struct):
    ends: str = ""


_read_ending = msgspec.json.Decoder(_Ending).decode


class Feed:
    """A topic's position in this process, and its subscriptions."""

    __slots__ = (
        "_heard", "_later", "_ranks", "_stamp", "_strayed", "epoch", "position", "subscriptions",
        "topic",
    )  # fmt: skip

    def __init__(self, topic: str, stamp: Stamp = lambda payload, _: payload) -> None:
        self.topic, self._stamp = topic, stamp
        self.epoch = ""  # no place yet
        self.position = 0
        self.subscriptions: set[Subscription] = set()
        self._strayed = False  # another epoch was heard of
        self._later: dict[int, tuple[bytes, Times | None]] = {}
        self._heard = ""  # before there is a place: the epoch of what waits
        self._ranks: dict[str, tuple[int, int]] = {}

    @property
    def has_gap(self) -> bool:
        """Tell whether the log must be read for this topic to go on."""
        return self._strayed or bool(self._later and self.epoch)

    def event(
        self, epoch: str, offset: int, payload: bytes, ends: str = "", times: Times | None = None
    ) -> bool:
        """Take an event's hint; return whether what precedes it must be read."""
        if ends:
            self._rank(ends, _ENDED)
        if self.epoch and epoch != self.epoch:
            self._strayed = True
        elif not self.epoch:
            self._wait_for_place(epoch, offset, payload, times)
        elif offset == self.position + 1:
            self._deliver(offset, payload, times)
            if self._later:
                self._drain()
        elif offset > self.position:
            self._wait(offset, payload, times)
        return self.has_gap

    def doubt(self) -> None:
        """Take it that events are missing here, until ``fill`` is called."""
        self._strayed = True

    def update(self, key: str, attempt: int, n: int, payload: bytes) -> None:
        """Take an update: older ones, and those of a key that has ended, are dropped."""
        if (attempt, n) <= self._ranks.get(key, (0, 0)):
            return
        self._rank(key, (attempt, n))
        frame = text_frame(payload)
        for subscription in list(self.subscriptions):
            subscription.show(key, frame)

    def adopt(self, page: Page, joiner: Subscription) -> bool:
        """Take the place that a join has read; return False if it must be read again.

        So it is when another join, which read later, has moved this feed past that place, and
        when another history was heard of before there was a place: one of the two is over.
        """
        if not self.epoch and self._heard not in ("", page.epoch):
            self._forget_heard()
            return False
        if not self.epoch:
            self.epoch, self.position = page.epoch, page.head
            self._drain()
        elif page.epoch != self.epoch:
            self._begin_anew(page, joiner)
        joiner.position = page.head
        return page.head >= self.position or joiner.holds(page.head + 1)

    @property
    def later(self) -> frozenset[int]:
        """The offsets that wait for what precedes them."""
        return frozenset(self._later)

    def fill(self, page: Page, asked: Collection[int] = ()) -> None:
        """Take what was read after this position: deliver it, or tell all that it is lost.

        ``asked`` are the ``later`` offsets from before the reading: those that the log does not
        have were never committed, and whoever told of them is not waited for.
        """
        self._strayed = False
        for offset in asked:
            if offset > page.head:
                self._later.pop(offset, None)
        if page.epoch != self.epoch or (not page.recovered and page.head > self.position):
            self._begin_anew(page)
            return
        for offset, data in page.events:
            if offset == self.position + 1:
                if key := _ended_key(data):
                    self._rank(key, _ENDED)
                self._deliver(offset, publication(self.topic, data.encode(), offset))
        self._drain()

    def missed(self, page: Page) -> Iterator[Missed]:
        """Make what to replay of a page to one socket that was left behind.

        Of a session's end that lies behind this feed's own position it was told in time.
        """
        for offset, data in page.events:
            payload = publication(self.topic, data.encode(), offset)
            is_ending = offset > self.position and _SESSION_ENDED in payload
            yield offset, text_frame(payload), payload if is_ending else b""

    def _deliver(self, offset: int, payload: bytes, times: Times | None = None) -> None:
        before, self.position = self.position, offset
        frame = text_frame(self._stamp(payload, times) if times and self.subscriptions else payload)
        ending = self._before(offset) if _SESSION_ENDED in payload else ()
        for subscription in list(self.subscriptions):
            # The path of nearly every message, so it is spelt out here.
            if subscription.position == before and subscription.held is None:
                subscription.position = offset
                if not subscription.write(frame):
                    subscription.fall_behind()
            else:
                subscription.offer(offset, frame)
        for subscription in ending:
            subscription.ended(payload)

    def _before(self, offset: int) -> list[Subscription]:
        # Who joined at this event or later has proved since then that the session stands.
        return [each for each in self.subscriptions if each.position < offset]

    def _drain(self) -> None:
        for offset in sorted(self._later):
            if offset == self.position + 1:
                self._deliver(offset, *self._later[offset])
            if offset <= self.position:
                del self._later[offset]

    def _wait(self, offset: int, payload: bytes, times: Times | None) -> None:
        if len(self._later) < MAX_LATER:
            self._later[offset] = payload, times

    def _wait_for_place(self, epoch: str, offset: int, payload: bytes, times: Times | None) -> None:
        if self._heard != epoch:
            self._forget_heard()
            self._heard = epoch
        self._wait(offset, payload, times)

    def _forget_heard(self) -> None:
        self._heard = ""
        self._later.clear()

    def _begin_anew(self, page: Page, joiner: Subscription | None = None) -> None:
        self.epoch, self.position = page.epoch, page.head
        self._later.clear()
        for subscription in self.subscriptions - {joiner}:
            subscription.displaced()

    def _rank(self, key: str, rank: tuple[int, int]) -> None:
        self._ranks.pop(key, None)
        self._ranks[key] = rank
        if len(self._ranks) > MAX_KEYS:
            del self._ranks[next(iter(self._ranks))]


def _ended_key(data: str) -> str:
    """Find in an event from the log what its hint would have said: which key's updates end."""
    if '"ends":' not in data:
        return ""
    try:
        return _read_ending(data).ends
    except msgspec.ValidationError:
        return ""  # a field of an application's own that is called so
