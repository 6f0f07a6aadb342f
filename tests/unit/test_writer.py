from __future__ import annotations

import asyncio

import pytest

from realtime.frames import text_frame
from realtime.writer import MAX_QUEUED, MAX_WAITING, QueuedWriter, body_writer_of, writer_of
from tests.delivery import until


class Peer:
    """An ASGI ``send`` that can be told to stand still."""

    def __init__(self) -> None:
        self.asked: list[dict] = []
        self.sent: list[dict] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, message):
        self.asked.append(message)
        await self.reads.wait()
        self.sent.append(message)

    async def has(self, count):
        await until(lambda: len(self.sent) >= count)
        return self.sent


@pytest.fixture
async def peer():
    return Peer()


async def test_our_servers_socket_is_written_to_directly(peer):
    socket = object()

    assert writer_of({"extensions": {"bellwire": {"socket": socket}}}, peer.send) is socket


@pytest.mark.parametrize("scope", [{}, {"extensions": {}}, {"extensions": {"tls": {}}}])
async def test_under_another_server_messages_go_through_its_send(peer, scope):
    assert isinstance(writer_of(scope, peer.send), QueuedWriter)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
async def test_a_frames_text_is_sent_without_its_head(peer, size):
    QueuedWriter(peer.send).write_frame(text_frame(b"x" * size))

    assert await peer.has(1) == [{"type": "websocket.send", "text": "x" * size}]


async def test_a_close_follows_what_was_written_and_is_the_last(peer):
    writer = QueuedWriter(peer.send)
    writer.write_frame(text_frame(b"a"))
    writer.end(3001, "shutdown")
    writer.write_frame(text_frame(b"b"))

    await peer.has(2)
    await asyncio.sleep(0.01)

    assert peer.sent == [
        {"type": "websocket.send", "text": "a"},
        {"type": "websocket.close", "code": 3001, "reason": "shutdown"},
    ]


async def test_a_peer_that_takes_nothing_is_closed_as_slow(peer):
    peer.reads.clear()
    writer = QueuedWriter(peer.send)
    for _ in range(MAX_QUEUED + 2):
        await asyncio.sleep(0)
        writer.write_frame(text_frame(b"a"))

    peer.reads.set()
    await peer.has(1)

    assert peer.sent[-1] == {"type": "websocket.close", "code": 3008, "reason": "slow"}


async def test_one_whose_peer_takes_nothing_asks_for_no_more_until_it_has_taken_all(peer):
    peer.reads.clear()
    writer = QueuedWriter(peer.send)
    called = []
    answers = [writer.write_frame(text_frame(b"a")) for _ in range(MAX_WAITING + 1)]
    writer.call_when_drained(lambda: called.append(len(peer.sent)))
    assert (answers, writer.is_behind) == ([True] * MAX_WAITING + [False], True)
    assert called == []

    peer.reads.set()

    await until(lambda: called == [MAX_WAITING + 1])
    assert not writer.is_behind


async def test_a_peer_that_takes_nothing_for_long_is_closed_as_slow(peer, settings):
    settings.REALTIME = {"slow_seconds": 0.05}
    peer.reads.clear()

    QueuedWriter(peer.send).write_frame(text_frame(b"a"))

    await until(lambda: len(peer.asked) == 2)
    assert peer.asked[-1] == {"type": "websocket.close", "code": 3008, "reason": "slow"}


async def test_when_the_peer_is_gone_nothing_goes_on(peer):
    peer.reads.clear()
    before = asyncio.all_tasks()
    writer = QueuedWriter(peer.send)
    writer.write_frame(text_frame(b"a"))
    writer.call_when_drained(lambda: pytest.fail("nobody is there any more"))
    await until(lambda: peer.asked)
    assert len(asyncio.all_tasks() - before) == 1

    writer.let_go()
    await until(lambda: asyncio.all_tasks() == before)
    writer.write_frame(text_frame(b"b"))

    assert asyncio.all_tasks() == before
    assert peer.sent == []


def ignore(code, reason):
    pass


async def test_a_response_s_pieces_follow_its_head_and_its_end_is_the_last(peer):
    body = body_writer_of({}, peer.send, ignore)
    body.start(200, [(b"content-type", b"text/plain")])
    assert body.write(b"a")
    body.finish(b"b")
    body.write(b"c")

    await peer.has(3)
    await asyncio.sleep(0.01)

    head = {"status": 200, "headers": [(b"content-type", b"text/plain")]}
    assert peer.sent == [
        {"type": "http.response.start", **head},
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"b", "more_body": False},
    ]


async def test_whose_response_is_taken_by_nobody_has_its_application_end_it(peer):
    peer.reads.clear()
    ends = []
    body = body_writer_of({}, peer.send, lambda *end: ends.append(end))
    body.start(200, [])

    answers = [body.write(b"a") for _ in range(MAX_QUEUED)]

    assert answers.index(False) == MAX_WAITING - 1  # the head waits, too
    assert ends == [(3008, "slow")]
    body.let_go()


async def test_our_servers_request_gives_the_response_s_writer(peer):
    class Ours:
        def stream(self, end):
            return "a stream", end

    scope = {"extensions": {"bellwire": {"request": Ours()}}}

    assert body_writer_of(scope, peer.send, ignore) == ("a stream", ignore)
