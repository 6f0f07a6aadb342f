"""What Redis confirms, compared with what is wanted; by a server that may leave something out."""

from __future__ import annotations

import asyncio

import hiredis
import pytest

from realtime import metrics, subscriber
from realtime.layer import RedisLayer, group_name
from tests.delivery import until
from tests.integration.hub_stage import Count


class Forgetful:
    """As much of a Redis server as subscribing needs; ``leaves_out`` is not confirmed once."""

    def __init__(self) -> None:
        self.leaves_out: set[bytes] = set()
        #: While this is not set, nothing is answered.
        self.answers = asyncio.Event()
        self.answers.set()
        self.subscribed: list[bytes] = []
        self._lines: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        commands = hiredis.Reader()
        self._lines.append(writer)
        while data := await reader.read(65536):
            commands.feed(data)
            await self.answers.wait()
            while (command := commands.gets()) is not False:
                writer.write(self._answer(*command))
        writer.close()

    def hang_up(self) -> None:
        while self._lines:
            self._lines.pop().close()

    def _answer(self, word: bytes, *names: bytes) -> bytes:
        if word == b"PING":
            return b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"
        if word != b"SUBSCRIBE":
            return b""
        self.subscribed += names
        confirmed = [name for name in names if name not in self.leaves_out]
        self.leaves_out.clear()
        head = b"*3\r\n$9\r\nsubscribe\r\n"
        return b"".join(head + b"$%d\r\n%s\r\n:1\r\n" % (len(name), name) for name in confirmed)


@pytest.fixture
async def server(tmp_path, monkeypatch):
    monkeypatch.setattr(subscriber, "PING_SECONDS", 0.1)
    server = Forgetful()
    async with await asyncio.start_unix_server(server.serve, tmp_path / "redis"):
        yield server
        server.hang_up()


@pytest.fixture
async def layer(server, tmp_path):
    layer = RedisLayer(hosts=[f"unix://{tmp_path}/redis"], prefix="bell").here()
    yield layer
    await layer.flush()


async def test_after_a_reconnect_the_hook_waits_for_the_last_confirmation(layer, server):
    reconnects = []
    channel = await layer.open_channel(print)
    await layer.group_add("user.1", channel)
    layer.on_reconnect_call(lambda: reconnects.append(1))
    server.answers.clear()
    before = len(server.subscribed)

    server.hang_up()
    await until(lambda: layer.is_connected)
    assert (reconnects, len(server.subscribed)) == ([], before)
    server.answers.set()

    await until(lambda: reconnects == [1])
    assert len(server.subscribed) == before + 2


async def test_what_is_not_confirmed_is_said_again_and_told(layer, server, caplog):
    reconnects, missing = [], Count(metrics.resubscribed)
    name = group_name("bell", "user.1").encode()
    channel = await layer.open_channel(print)
    await layer.group_add("user.1", channel)
    layer.on_reconnect_call(lambda: reconnects.append(server.subscribed.count(name)))
    server.leaves_out.add(name)

    server.hang_up()

    await until(lambda: reconnects)
    assert reconnects == [3], "once at first, once in vain, once again"
    assert missing == 1
    assert "layer.unsubscribed" in [record.action for record in caplog.records]
