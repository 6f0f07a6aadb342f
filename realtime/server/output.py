"""What goes out piece by piece: straight to the kernel, and word when all is taken."""
# ruff: noqa: N802 (the names are Twisted's)

from __future__ import annotations

from collections.abc import Callable
from socket import AF_INET, AF_INET6, IPPROTO_TCP, TCP_NOTSENT_LOWAT
from typing import Any

from realtime.protocol import SLOW
from realtime.server.framing import Framing

CONNECTING, OPEN = Framing.STATE_CONNECTING, Framing.STATE_OPEN
CLOSING, CLOSED = Framing.STATE_CLOSING, Framing.STATE_CLOSED


class Output:
    """The writing half of a WebSocket, or of a response that lasts."""

    server: Any
    transport: Any = None
    state = CONNECTING
    _is_slow = False
    #: What were unread if the peer had read nothing since its progress was last looked at;
    #: None: nobody looks.
    _unread: int | None = None
    _drain_calls: tuple[Callable[[], None], ...] = ()

    def end(self, code: int, reason: str = "") -> None:
        """Say why it is over, after what was written, and see to the connection's end."""
        raise NotImplementedError

    def write_frame(self, frame: bytes) -> bool:
        """Write a complete frame, to the kernel at once where nothing waits before it.

        False asks for no more until the peer has read; replies may still be written, up to a
        bound at which the socket is closed, as it is when the peer reads nothing for long. A
        socket that is not open takes nothing, and a dying one raises nothing.
        """
        if self.state != OPEN:
            return True
        transport = self.transport
        if transport.dataBuffer or transport._tempDataLen:
            transport.write(frame)
            return self._bears(len(frame))
        try:
            sent = transport.socket.send(frame)
        except OSError:
            # Full: Twisted goes on when it may. Broken: Twisted meets the same error, and
            # ends the connection the way it should.
            sent = 0
        if sent < len(frame):
            rest = frame[sent:] if sent else frame
            transport.write(rest)
            return self._bears(len(rest))
        return True

    @property
    def is_behind(self) -> bool:
        """Tell whether the peer has more to read than it should."""
        return bool(self.buffered > self.server.limits.max_waiting_bytes)

    @property
    def buffered(self) -> int:
        """Count the bytes that wait in this process for the peer to read."""
        transport = self.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def hold_little(self) -> None:
        """Let the kernel take no more than ``max_waiting_bytes`` that it cannot send.

        Otherwise it takes megabytes for a peer that reads nothing, and nobody sees it is slow.
        """
        peer = self.transport.socket
        if peer.family in (AF_INET, AF_INET6):
            peer.setsockopt(IPPROTO_TCP, TCP_NOTSENT_LOWAT, self.server.limits.max_waiting_bytes)

    def call_when_drained(self, act: Callable[[], None]) -> None:
        """Call ``act`` once, when the peer has taken all; never, if the socket closes before."""
        if not self.buffered:
            act()
            return
        self._drain_calls += (act,)
        self._begin_to_listen()

    def let_go(self) -> None:
        """Call nobody any more: the application has ended."""
        self._drain_calls = ()

    def _begin_to_listen(self) -> None:
        if self.transport.producer is None:
            self.transport.registerProducer(self, True)
            self.transport.producerPaused = True  # so that Twisted calls resumeProducing

    def _listen_no_more(self) -> None:
        self.transport.unregisterProducer()

    def _bears(self, more: int) -> bool:
        buffered, limits = self.buffered, self.server.limits
        if self._unread is not None:
            self._unread += more
        if buffered <= limits.max_waiting_bytes:
            return True
        if buffered > limits.max_unread_bytes:
            self._end_as_slow()
        elif self._unread is None:
            self._look_later()
        return False

    def _look_later(self) -> None:
        self._unread = self.buffered
        self.server.loop.call_later(self.server.limits.slow_seconds, self._look_for_progress)

    def _look_for_progress(self) -> None:
        unread, self._unread = self._unread, None
        if self.state == OPEN and self.is_behind:
            if unread is not None and self.buffered >= unread:
                self._end_as_slow()
            else:
                self._look_later()

    def _end_as_slow(self) -> None:
        if not self._is_slow:
            self._is_slow = True  # first: ``end`` writes, too
            self.end(*SLOW)

    # Twisted's push producer, only to hear when its buffer is empty --------------------------

    def resumeProducing(self) -> None:
        self._listen_no_more()
        acts, self._drain_calls = self._drain_calls, ()
        for act in acts:
            act()

    def pauseProducing(self) -> None:
        pass  # who writes looks at ``buffered``

    def stopProducing(self) -> None:
        self._drain_calls = ()
