"""One round of publishing: as fast as it goes with a few outstanding, or at a pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

_PATIENCE_SECONDS = 8.0  # without any delivery, what is missing counts as lost


class Listener(Protocol):
    """A socket that hears: its place in the crowd, and the newest number that it heard."""

    index: int
    last: int


class Publisher(asyncio.Protocol):
    """A connection to Redis that only publishes: commands go out ready-made."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to write."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport


class Round:
    """The messages of one round, published through ``publisher`` and counted as they arrive.

    A message is for everybody, or for one socket each in turn; numbers begin at ``first``.
    """

    def __init__(
        self, publisher: Publisher, commands: Sequence[bytes], sockets: int, first: int, all_: bool
    ) -> None:
        self.publisher, self.commands = publisher, commands
        self.sockets, self.first = sockets, first
        self.fan_out = sockets if all_ else 1
        self.stride = 1 if all_ else sockets
        self.goal = len(commands) * self.fan_out
        self.published = self.delivered = self.doubled = 0
        self.delays_ns: list[int] = []
        self._sent_ns = [0] * len(commands)
        self._outstanding = 0
        self._is_pumping = False
        self._loop = asyncio.get_running_loop()
        self._progress = asyncio.Event()

    def heard(self, socket: Listener, number: int) -> None:
        """Count one delivery, and publish the next message if this is a saturated round."""
        if number <= socket.last:
            self.doubled += 1
            return
        socket.last = number
        self.delivered += 1
        if self._outstanding:
            if not self._is_pumping and self.published < len(self.commands):
                self._is_pumping = True
                self._loop.call_soon(self._pump)
        else:
            place = (number - self.first) * self.stride
            sent = self._sent_ns[place + socket.index if self.stride > 1 else place]
            self.delays_ns.append(time.monotonic_ns() - sent)
        if self.delivered >= self.goal:
            self._progress.set()

    @property
    def lost(self) -> int:
        """Count the deliveries that have not come, or came out of their order."""
        return self.goal - self.delivered

    async def saturate(self, outstanding: int) -> None:
        """Publish everything, so many at most outstanding, until all is heard or none comes."""
        self._outstanding = outstanding
        self._pump()
        await self._until_heard()

    async def pace(self, per_second: float) -> None:
        """Publish everything at a steady pace, until all is heard or none comes."""
        began = time.monotonic()
        for place, command in enumerate(self.commands):
            await asyncio.sleep(max(0.0, began + place / per_second - time.monotonic()))
            self._sent_ns[place] = time.monotonic_ns()
            self.publisher.transport.write(command)
        self.published = len(self.commands)
        await self._until_heard()

    def _pump(self) -> None:
        self._is_pumping = False
        room = self._outstanding - (self.published - self.delivered // self.fan_out)
        if room > 0:
            some = self.commands[self.published : self.published + room]
            self.publisher.transport.write(b"".join(some))
            self.published += len(some)

    async def _until_heard(self) -> None:
        before = -1
        while self.delivered < self.goal and before < self.delivered:
            before = self.delivered
            try:
                await asyncio.wait_for(self._progress.wait(), _PATIENCE_SECONDS)
            except TimeoutError:
                continue
