"""A TCP port in front of the servers, on which everything goes wrong that goes wrong on a line.

It works on bytes and knows nothing of what they mean. A client's proxy dials the servers in
turn, as a load balancer would, and passes over those that refuse.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice

CHUNK_BYTES = 64 * 1024
#: On a slow line bytes are read in such pieces, so that the sender feels it.
SLOW_BYTES = 256


@dataclass(eq=False)
class Line:
    """A client's connection and the server's behind it."""

    near: asyncio.StreamWriter
    far: asyncio.StreamWriter

    def reset(self) -> None:
        """Break both ends without a farewell: the peers get an RST."""
        for end in (self.near, self.far):
            with suppress(OSError):  # an end that is closed already
                end.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            end.transport.abort()

    def finish(self) -> None:
        """Close both ends in order: the peers get a FIN, in the middle of whatever it is."""
        for end in (self.near, self.far):
            end.close()


@dataclass
class Trouble:
    """What is wrong on the lines now, and what came of it."""

    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    bytes_per_second: float = 0.0
    cuts: asyncio.Future[int] | None = None
    refuses: bool = False


class Proxy:
    """A listening port; its lines lead to one of ``targets``, ports of this machine."""

    def __init__(self, targets: Sequence[int], first: int = 0) -> None:
        self._turns = islice(cycle(targets), first, None)
        self._count = len(targets)
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._trouble = Trouble()
        self._trouble.is_open.set()
        #: How many connections were ever taken, and how many bytes had to wait in trouble.
        self.connections = self.delayed_bytes = 0
        self.port = 0

    async def open(self) -> None:
        """Begin to listen, on a free port."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=CHUNK_BYTES)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Break everything and stop listening."""
        self._server.close()
        self.reset()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def lines(self) -> int:
        """How many lines are open."""
        return len(self._lines)

    def reset(self) -> int:
        """Reset all lines; return how many."""
        lines = list(self._lines)
        for line in lines:
            line.reset()
        return len(lines)

    def finish(self) -> int:
        """Close all lines in order; return how many."""
        lines = list(self._lines)
        for line in lines:
            line.finish()
        return len(lines)

    async def cut(self, seconds: float) -> int:
        """Pass on half of what a server sends next, then reset; return that many bytes.

        TimeoutError if nothing that has halves was sent by then.
        """
        self._trouble.cuts = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                return await self._trouble.cuts
        finally:
            self._trouble.cuts = None

    def swallow(self) -> None:
        """Let nothing through any more, in either direction; new lines are taken as well."""
        self._trouble.is_open.clear()
        self.delayed_bytes = 0

    def slow(self, bytes_per_second: float) -> None:
        """Let through only so much of what servers send."""
        self._trouble.bytes_per_second = bytes_per_second
        self.delayed_bytes = 0

    def refuse(self) -> None:
        """Break whatever is dialled from now on."""
        self._trouble.refuses = True

    def recover(self) -> None:
        """Be a good line again."""
        self._trouble.refuses = False
        self._trouble.is_open.set()
        self._trouble.bytes_per_second = 0.0

    async def _accept(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        self.connections += 1
        dialled = None if self._trouble.refuses else await self._dial()
        if dialled is None:
            near.transport.abort()
            return
        line = Line(near, dialled[1])
        self._lines.add(line)
        pumps = [
            asyncio.create_task(self._pump(reader, line.far, line, is_down=False)),
            asyncio.create_task(self._pump(dialled[0], near, line, is_down=True)),
        ]
        self._tasks.update(pumps)
        await asyncio.wait(pumps)
        self._tasks.difference_update(pumps)
        self._lines.discard(line)
        line.finish()

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(self._count):
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", next(self._turns))
        return None

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, is_down: bool
    ) -> None:
        try:
            await self._carry(reader, writer, line, is_down)
            writer.write_eof()
        except OSError:
            line.reset()  # one end was, so the other hears of it

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: Line, is_down: bool
    ) -> None:
        while data := await reader.read(self._piece(is_down)):
            if not self._trouble.is_open.is_set():
                self.delayed_bytes += len(data)
                await self._trouble.is_open.wait()
            if is_down and self._is_cut(data):
                writer.write(data[: len(data) // 2])
                await asyncio.sleep(0)
                line.reset()
                return
            await self._crawl(len(data), is_down)
            writer.write(data)
            await writer.drain()

    def _piece(self, is_down: bool) -> int:
        return SLOW_BYTES if is_down and self._trouble.bytes_per_second else CHUNK_BYTES

    def _is_cut(self, data: bytes) -> bool:
        cuts = self._trouble.cuts
        if cuts is None or cuts.done() or len(data) < 2:
            return False
        cuts.set_result(len(data))
        return True

    async def _crawl(self, size: int, is_down: bool) -> None:
        if is_down and (rate := self._trouble.bytes_per_second):
            self.delayed_bytes += size
            await asyncio.sleep(size / rate)
