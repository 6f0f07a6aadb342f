from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from tests.chaos.harness.proxy import Proxy

SECONDS = 10


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """Have a server answer each line with itself; its port is given."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def proxied(*targets: int) -> AsyncIterator[Proxy]:
    proxy = Proxy(targets)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()


class Client:
    """A connection through a proxy, on which lines are said and heard."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.reader, self.writer = streams

    async def says(self, line: bytes, seconds: float = SECONDS) -> bytes:
        self.writer.write(line)
        return await self.hears(seconds)

    async def hears(self, seconds: float = SECONDS) -> bytes:
        async with asyncio.timeout(seconds):
            return await self.reader.readline()


@asynccontextmanager
async def client_of(proxy: Proxy) -> AsyncIterator[Client]:
    client = Client(await asyncio.open_connection("127.0.0.1", proxy.port))
    try:
        yield client
    finally:
        client.writer.transport.abort()
        with suppress(OSError):
            await client.writer.wait_closed()


async def test_bytes_go_through_both_ways() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        assert await client.says(b"hello\n") == b"hello\n"
        assert (proxy.lines, proxy.connections) == (1, 1)


async def test_a_reset_is_a_reset() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        await client.says(b"hello\n")

        assert proxy.reset() == 1

        with pytest.raises(ConnectionResetError):
            await client.hears()


async def test_a_fin_is_an_end_in_order() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        await client.says(b"hello\n")

        assert proxy.finish() == 1

        assert await client.hears() == b""


async def test_a_cut_lets_half_of_it_through() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        await client.says(b"hello\n")
        cut = asyncio.create_task(proxy.cut(SECONDS))
        await asyncio.sleep(0)

        client.writer.write(b"half of this\n")

        assert await cut == len(b"half of this\n")
        with pytest.raises(ConnectionResetError):
            await client.reader.read()


async def test_a_cut_that_nothing_came_for_is_told() -> None:
    async with echo() as port, proxied(port) as proxy:
        with pytest.raises(TimeoutError):
            await proxy.cut(0.05)


async def test_a_black_hole_holds_everything_until_it_ends() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        await client.says(b"hello\n")
        proxy.swallow()

        with pytest.raises(TimeoutError):
            await client.says(b"lost?\n", seconds=0.2)
        assert proxy.delayed_bytes == len(b"lost?\n")
        proxy.recover()

        assert await client.hears() == b"lost?\n"


async def test_a_slow_line_lets_it_through_in_its_time() -> None:
    async with echo() as port, proxied(port) as proxy, client_of(proxy) as client:
        await client.says(b"hello\n")
        proxy.slow(bytes_per_second=1_000)

        began = asyncio.get_running_loop().time()
        line = b"x" * 499 + b"\n"
        assert await client.says(line) == line

        assert asyncio.get_running_loop().time() - began > 0.2
        assert proxy.delayed_bytes > 0


async def test_servers_take_turns_and_one_that_refuses_is_passed_over() -> None:
    async with echo() as port, proxied(1, port) as proxy, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client_of(proxy)) for _ in range(3)]

        assert [await client.says(b"hello\n") for client in clients] == [b"hello\n"] * 3


async def test_where_all_refuse_the_line_is_broken() -> None:
    async with proxied(1) as proxy, client_of(proxy) as client:
        with suppress(ConnectionResetError):
            assert await client.hears() == b""

        assert proxy.lines == 0
