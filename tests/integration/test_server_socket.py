"""WebSockets of a real server process."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from time import monotonic

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.integration.server_process import ServerProcess, serving, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("run")) as server:
        yield server


async def closed(websocket: ClientConnection) -> tuple[int | None, str | None, list[str | bytes]]:
    """Read until the close; return its code, its reason and what came before."""
    frames = [frame async for frame in _until_closed(websocket)]
    return websocket.close_code, websocket.close_reason, frames


async def _until_closed(websocket: ClientConnection) -> AsyncIterator[str | bytes]:
    with suppress(ConnectionClosed):
        while True:
            yield await websocket.recv()


async def test_text_comes_as_text_and_binary_as_bytes(server):
    async with connect(f"{server.ws}/echo") as tab:
        await tab.send("héllo")
        await tab.send(b"\x00\xff")

        assert [await tab.recv(), await tab.recv()] == ["héllo", b"\x00\xff"]


@pytest.mark.parametrize(
    ("reason", "heard"),
    [
        pytest.param("token expired", "token expired", id="plain"),
        pytest.param("", "", id="none"),
        pytest.param("ü" * 100, "ü" * 61, id="cut to 123 bytes, between characters"),
    ],
)
async def test_a_close_carries_its_code_and_its_reason(server, reason, heard):
    async with connect(f"{server.ws}/close") as tab:
        await tab.send(f"4321 {reason}")

        assert await closed(tab) == (4321, heard, [])


async def test_what_was_written_before_the_end_arrives_before_it(server):
    async with connect(f"{server.ws}/end", max_queue=None) as tab:
        code, reason, frames = await closed(tab)

    assert (code, reason) == (3008, "slow")
    assert frames == [f"{number:05}" * 10_000 for number in range(15)]


async def test_a_message_of_64_kib_passes(server):
    async with connect(f"{server.ws}/echo") as tab:
        await tab.send("x" * 65536)

        assert await tab.recv() == "x" * 65536


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("x" * 65537, id="one frame"),
        pytest.param(["x" * 40_000, "y" * 40_000], id="two fragments"),
        pytest.param("x" * 5_000_000, id="much more"),
    ],
)
async def test_a_longer_message_closes_the_socket_with_1009(server, message):
    tab = await connect(f"{server.ws}/echo")
    sending = asyncio.create_task(tab.send(message))

    assert (await closed(tab))[0] == 1009
    # No ``async with``: websockets 17.4 may abort a transport here that is closed already.
    await asyncio.wait([sending])
    sending.exception()


async def test_what_the_server_sends_may_be_longer(server):
    async with connect(f"{server.ws}/large") as tab:
        assert len(await tab.recv()) == 1_000_000


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(b"\x81\x82\x00\x00\x00\x00\xff\xfe", 1007, id="text that is not UTF-8"),
        pytest.param(b"\x81\x02hi", 1002, id="not masked"),
        pytest.param(b"\x83\x80\x00\x00\x00\x00", 1002, id="unknown opcode"),
        pytest.param(b"\x89\xff" + b"\x00" * 6 + b"\xff\xff" * 4, 1002, id="ping without end"),
    ],
)
def test_a_broken_frame_is_answered_with_a_close(server, frame, code):
    peer, _ = server.shake_hands("/echo")
    with peer:
        peer.sendall(frame)
        answer = peer.recv(4096)

        assert answer[0] == 0x88
        assert struct.unpack("!H", answer[2:4]) == (code,)
        assert peer.recv(4096) == b""


async def test_a_ping_is_answered(server):
    async with connect(f"{server.ws}/echo") as tab:
        async with asyncio.timeout(5):
            await (await tab.ping(b"are you there"))


async def test_the_application_hears_the_code_of_the_clients_close(server):
    async with connect(f"{server.ws}/echo") as tab:
        await tab.close(4005)

    until(lambda: server.counts()["disconnect"] == 4005)


async def test_a_crashed_application_closes_at_once_with_1011(server):
    async with connect(f"{server.ws}/crash") as tab:
        begin = monotonic()
        await tab.send("now")

        assert (await closed(tab))[0] == 1011
        assert monotonic() - begin < 0.5


async def test_reading_stops_while_the_application_does_not_keep_up(server):
    async with connect(f"{server.ws}/deaf") as tab:

        async def send_40_mb() -> None:
            for _ in range(4000):
                await tab.send("x" * 10_000)

        sending = asyncio.create_task(send_40_mb())
        await asyncio.wait([sending], timeout=1)
        assert not sending.done()

        server.get("/release")
        await sending

    until(lambda: server.counts()["received"] == 4000)


async def test_what_has_ended_is_forgotten(server):
    async with connect(f"{server.ws}/held") as tab:

        async def held() -> int:
            await tab.send("how many?")
            return int(await tab.recv())

        before = await held()
        for _ in range(10):
            await (await connect(f"{server.ws}/echo")).close()
            server.get("/head")
            server.shake_hands("/echo")[0].close()

        async with asyncio.timeout(10):
            while await held() > before:
                pass


def test_a_client_that_commands_and_never_reads_is_not_answered_for_ever(server):
    peer, _ = server.shake_hands("/amplify")
    with peer:
        peer.sendall(b"\x81\x81\x00\x00\x00\x00x" * 1000)
        answered = list(range(10))
        until(lambda: answered.append(server.counts()["answered"]) or len(set(answered[-10:])) == 1)

        assert 0 < answered[-1] < 200
        size = sum(len(peer.recv(1 << 20)) for _ in iter(lambda: server.counts()["answered"], 1000))

    assert size > 50 * 100_000


def test_a_stalled_client_that_dies_harms_nobody(server):
    peer, _ = server.shake_hands("/flood")
    until(lambda: server.counts()["buffered"])
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()

    until(lambda: server.counts()["floods"] == 1)


def test_a_client_that_does_not_read_is_closed_as_slow_before_it_costs_memory(server):
    peer, _ = server.shake_hands("/flood")
    with peer:
        until(lambda: server.counts()["buffered"])
        assert server.counts()["buffered"] < 1_200_000

        goodbye, ending = b"\x88\x06" + (3008).to_bytes(2) + b"slow", b""
        while ending != goodbye:
            received = peer.recv(1 << 20)
            assert received
            ending = (ending + received)[-len(goodbye) :]
