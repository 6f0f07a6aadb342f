"""Frames on their way out: to the kernel while it takes them, behind what waits after that."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import SimpleNamespace

import pytest

from realtime.conf import Limits
from realtime.server.output import CLOSING, OPEN, Output


class Transport:
    """As much of Twisted's as a frame meets: a real socket and the buffer behind it."""

    dataBuffer, offset = b"", 0  # noqa: N815 (Twisted's name)
    producer: Output | None = None

    def __init__(self, peer: socket.socket) -> None:
        self.socket, self._tempDataLen = peer, 0
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self._tempDataLen += len(data)

    def registerProducer(self, producer: Output, streaming: bool) -> None:  # noqa: N802
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802
        self.producer, self._tempDataLen = None, 0


class Loop:
    """Keeps what is to be done later."""

    def __init__(self) -> None:
        self.later: list[tuple[float, Callable[[], None]]] = []

    def call_later(self, seconds: float, act: Callable[[], None]) -> None:
        self.later.append((seconds, act))

    def pass_time(self) -> None:
        later, self.later = self.later, []
        for _, act in later:
            act()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


class Ending(Output):
    """Remembers how it was ended."""

    ends: list[tuple[int, str]]

    def end(self, code: int, reason: str) -> None:
        self.ends.append((code, reason))


@pytest.fixture
def output(pair: tuple[socket.socket, socket.socket]) -> Output:
    output = Ending.__new__(Ending)  # autobahn's __init__ is not for us
    output.ends = []
    output.transport, output.state = Transport(pair[0]), OPEN
    output.server = SimpleNamespace(limits=Limits(), loop=Loop())
    return output


def test_a_frame_goes_straight_to_the_kernel(output, pair):
    output.write_frame(b"frame")

    assert (pair[1].recv(99), output.transport.written) == (b"frame", [])


def test_what_the_kernel_does_not_take_waits_in_order(output, pair):
    frames = [bytes([n]) * 50_000 for n in range(20)]
    for frame in frames:
        output.write_frame(frame)
    waiting = b"".join(output.transport.written)
    pair[0].shutdown(socket.SHUT_WR)

    taken = b"".join(iter(lambda: pair[1].recv(1 << 20), b""))
    assert 0 < len(taken) < len(waiting)
    assert taken + waiting == b"".join(frames)
    assert output.buffered == len(waiting)


def test_what_waits_is_not_overtaken(output, pair):
    output.write_frame(b"x" * 1_000_000)
    pair[1].recv(1 << 20)

    output.write_frame(b"later")

    assert output.transport.written[-1] == b"later"


def test_a_full_kernel_is_no_error(output, pair):
    fill(pair[0])

    output.write_frame(b"frame")

    assert output.transport.written == [b"frame"]


@pytest.mark.parametrize(
    "ends",
    [
        pytest.param(lambda ours, theirs: theirs.close(), id="the peer left"),
        pytest.param(lambda ours, theirs: reset(theirs), id="the peer was cut off"),
        pytest.param(lambda ours, theirs: ours.close(), id="we closed"),
    ],
)
def test_a_dying_socket_raises_nothing(
    output, pair, ends: Callable[[socket.socket, socket.socket], None]
):
    ends(*pair)

    output.write_frame(b"frame")

    assert output.transport.written == [b"frame"]


def test_after_the_close_nothing_is_written(output, pair):
    output.state = CLOSING
    output.write_frame(b"frame")

    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(99)


def test_who_waits_for_the_peer_is_called_once_it_has_all(output, pair):
    called: list[str] = []
    fill(pair[0])
    output.write_frame(b"frame")
    output.call_when_drained(lambda: called.append("hub"))
    output.call_when_drained(lambda: called.append("application"))
    assert called == []

    output.transport.producer.resumeProducing()
    output.call_when_drained(lambda: called.append("at once"))

    assert called == ["hub", "application", "at once"]
    assert output.transport.producer is None


def test_an_application_that_has_ended_is_called_no_more(output, pair):
    called: list[str] = []
    fill(pair[0])
    output.write_frame(b"frame")
    output.call_when_drained(lambda: called.append("hub"))

    output.let_go()
    output.transport.producer.resumeProducing()

    assert called == []


@pytest.fixture
def behind(output, pair):
    """A socket whose peer has more to read than it should."""
    fill(pair[0])
    assert not output.write_frame(b"x" * 100_000)
    return output


def test_one_that_has_room_asks_for_more(output, pair):
    assert output.write_frame(b"x")
    fill(pair[0])
    assert output.write_frame(b"x" * 60_000)
    assert not output.is_behind

    assert not output.write_frame(b"x" * 10_000)
    assert output.is_behind


def test_a_peer_that_reads_nothing_for_long_is_closed_as_slow(behind):
    [(seconds, _)] = behind.server.loop.later
    behind.server.loop.pass_time()

    assert seconds == 30
    assert behind.ends == [(3008, "slow")]


def test_a_peer_that_reads_a_little_stays(behind):
    for _ in range(3):
        behind.transport._tempDataLen -= 10_000
        behind.server.loop.pass_time()

    assert behind.ends == []
    assert len(behind.server.loop.later) == 1


def test_what_is_written_meanwhile_hides_no_progress(behind):
    behind.transport._tempDataLen -= 10_000
    behind.write_frame(b"x" * 30_000)
    behind.server.loop.pass_time()
    assert behind.ends == []

    behind.write_frame(b"x" * 30_000)
    behind.server.loop.pass_time()
    assert behind.ends == [(3008, "slow")]


def test_a_peer_that_has_read_is_not_looked_at_any_more(behind):
    behind.transport._tempDataLen = 0
    behind.server.loop.pass_time()

    assert (behind.ends, behind.server.loop.later) == ([], [])


def test_one_that_has_far_too_much_unread_is_closed_at_once(behind):
    behind.write_frame(b"x" * 1_000_000)

    assert behind.ends == [(3008, "slow")]


def fill(peer: socket.socket) -> None:
    with suppress(BlockingIOError):
        while True:
            peer.send(b"x" * 10_000)


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()
