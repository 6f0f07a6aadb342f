"""One socket's place in one topic: live, joining, or left behind. Pure.

Live, what is next is written at once. While it joins, what arrives is held until its place is
known and told. A socket that has too much unread is left behind: its events stay in the log,
of its updates the newest are held, and once its peer has read it catches up from the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

#: Events held for one subscription that is joining; past it, it has lost its place.
MAX_HELD = 512
#: Keys whose newest update is held, the most recent ones.
MAX_KEYS = 256

#: An event read from the log: its offset, its frame, and its payload if it ends a session.
Missed = tuple[int, bytes, bytes]


class Held:
    """What arrived while it could not be written."""

    __slots__ = ("events", "updates")

    def __init__(self, events: list[tuple[int, bytes]] | None) -> None:
        #: None where the log is what holds them.
        self.events = events
        self.updates: dict[str, bytes] = {}

    def take(self, offset: int, frame: bytes) -> bool:
        """Hold an event; False if that is one too many."""
        if self.events is None:
            return True
        if len(self.events) >= MAX_HELD:
            return False
        self.events.append((offset, frame))
        return True

    def show(self, key: str, frame: bytes) -> None:
        """Hold an update in place of its key's former one."""
        self.updates.pop(key, None)
        self.updates[key] = frame
        if len(self.updates) > MAX_KEYS:
            del self.updates[next(iter(self.updates))]


def _at_once(act: Callable[[], None]) -> None:
    act()


def _nothing() -> None:
    pass


class Subscription:
    """A place, and the socket that it belongs to.

    ``write`` takes a frame and returns whether the socket takes more. ``displaced`` is called
    when the place is lost, ``ended`` with the event of a session's end, and ``when_drained``
    is given what to call once the peer has read all that was written.
    """

    __slots__ = (
        "catch_up", "displaced", "ended", "held", "position", "when_drained", "write"
    )  # fmt: skip

    def __init__(
        self,
        write: Callable[[bytes], bool],
        displaced: Callable[[], None],
        ended: Callable[[bytes], None],
        when_drained: Callable[[Callable[[], None]], None] = _at_once,
    ) -> None:
        self.write, self.displaced, self.ended = write, displaced, ended
        self.when_drained = when_drained
        #: Reads what was missed and calls ``replay``; whoever knows the log sets it.
        self.catch_up: Callable[[], None] = _nothing
        self.position = 0
        self.held: Held | None = Held([])

    @property
    def is_behind(self) -> bool:
        """Tell whether this socket waits for its peer to read."""
        return self.held is not None and self.held.events is None

    def offer(self, offset: int, frame: bytes) -> None:
        """Write an event's frame if it is this socket's next."""
        if self.held is not None:
            if not self.held.take(offset, frame):
                self.displaced()
        elif offset == self.position + 1:
            self.position = offset
            if not self.write(frame):
                self.fall_behind()
        elif offset > self.position:
            self.displaced()

    def show(self, key: str, frame: bytes) -> None:
        """Write an update's frame, or hold it as its key's newest."""
        if self.held is not None:
            self.held.show(key, frame)
        elif not self.write(frame):
            self.fall_behind()

    def holds(self, wanted: int) -> bool:
        """Tell whether this event arrived while the subscription was joining."""
        events = self.held.events if self.held is not None else None
        return any(offset == wanted for offset, _ in events or ())

    def release(self) -> None:
        """Write what was held, in order, and go live."""
        held, self.held = self.held, None
        if held is not None:
            for offset, frame in held.events or ():
                self.offer(offset, frame)
            for key, frame in held.updates.items():
                self.show(key, frame)

    def fall_behind(self) -> None:
        """Write nothing more until the peer has read; then catch up."""
        self.stay_behind()
        self.when_drained(self.catch_up)

    def stay_behind(self) -> None:
        """Write nothing more; whoever calls this sees to catching up."""
        self._hold(None)

    def hold(self) -> None:
        """Hold what arrives from now on, while what was missed is read."""
        self._hold([])

    def replay(self, missed: Iterable[Missed]) -> None:
        """Write what was missed as far as the socket takes it; if it took all, go live."""
        for offset, frame, ending in missed:
            if offset == self.position + 1:
                self.position = offset
                has_room = self.write(frame)
                if ending:
                    self.ended(ending)
                if not has_room:
                    self.fall_behind()
                    return
        self.release()

    def _hold(self, events: list[tuple[int, bytes]] | None) -> None:
        before, self.held = self.held, Held(events)
        if before is not None:
            self.held.updates = before.updates
