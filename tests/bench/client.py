"""The load process: opens sockets, publishes and counts, one JSON order per line of stdin.

It runs beside the server, on the other core, so that its own work is not the server's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.cpu import Meter
from tests.bench.crowd import Crowd
from tests.bench.rounds import Publisher, Round


class Client:
    """The crowd, a connection to Redis, and the orders that it takes."""

    crowd: Crowd
    publisher: Publisher

    def __init__(self, pids: dict[str, int]) -> None:
        self.pids = {**pids, "client": os.getpid()}

    async def meet(self, redis_port: int, **crowd: Any) -> dict[str, Any]:
        """Get ready for one side."""
        self.crowd = Crowd(**crowd)
        loop = asyncio.get_running_loop()
        _, self.publisher = await loop.create_connection(Publisher, "127.0.0.1", redis_port)
        return {}

    async def open(self, count: int, hello: str | None) -> dict[str, Any]:
        """Open more sockets and measure that."""
        meter = Meter(self.pids)
        seconds = await self.crowd.open(count, hello)
        return {**meter.read(), "seconds": seconds}

    async def say(self, text: str) -> dict[str, Any]:
        """Let every socket say something."""
        await self.crowd.say(text)
        return {}

    async def rest(self, seconds: float) -> dict[str, Any]:
        """Measure what idling costs."""
        meter = Meter(self.pids)
        await asyncio.sleep(seconds)
        return meter.read()

    async def play(
        self, script: str, first: int, all_: bool, outstanding: int, per_second: float
    ) -> dict[str, Any]:
        """Run one round, saturated if some may be outstanding, else paced."""
        commands = _commands_of(Path(script))
        sockets = self.crowd.sockets
        for socket in sockets:
            socket.last = first - 1
        turn = Round(self.publisher, commands, len(sockets), first, all_)
        self.crowd.round = turn
        meter = Meter(self.pids)
        await (turn.saturate(outstanding) if outstanding else turn.pace(per_second))
        spent = meter.read()
        self.crowd.round = None
        return {**spent, **_counts(turn), "closed": self.crowd.closed}

    async def close(self) -> dict[str, Any]:
        """Close every socket."""
        self.crowd.close()
        self.publisher.transport.close()
        return {}


def _commands_of(script: Path) -> list[bytes]:
    return msgspec.msgpack.decode(script.read_bytes(), type=list[bytes])


def _counts(turn: Round) -> dict[str, Any]:
    delays = sorted(turn.delays_ns) or [0]
    return {
        "delivered": turn.delivered,
        "lost": turn.lost,
        "doubled": turn.doubled,
        "p50_ms": delays[len(delays) // 2] / 1e6,
        "p99_ms": delays[int(len(delays) * 0.99)] / 1e6,
    }


async def obey(client: Client) -> None:
    """Carry out the orders of stdin until it ends."""
    reader = asyncio.StreamReader(limit=2**22)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order, arguments = json.loads(line)
        answer = await getattr(client, order)(**arguments)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    gc.disable()  # it would look at a hundred thousand commands again and again
    asyncio.run(obey(Client(json.loads(sys.argv[1]))))
