"""The least a server can do: hear Redis, write ready-made frames. It shows the load's ceiling."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import hiredis
import msgspec
import picows

from tests.bench.payload import command

CHANNEL = b"floor"
EVERYBODY = -1


class Ear(asyncio.Protocol):
    """A subscription whose messages are ``<index>\\n<frame>``, written as they are."""

    def __init__(self, sockets: dict[int, picows.WSTransport]) -> None:
        self.sockets = sockets
        self.reader = hiredis.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Subscribe."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(command(b"SUBSCRIBE", CHANNEL))

    def data_received(self, received: bytes) -> None:
        """Write each message to its sockets."""
        self.reader.feed(received)
        while reply := self.reader.gets():
            if reply[0] != b"message":
                continue
            index, frame = reply[2].split(b"\n", 1)
            if int(index) == EVERYBODY:
                for transport in self.sockets.values():
                    transport.send(picows.WSMsgType.TEXT, frame)
            else:
                self.sockets[int(index)].send(picows.WSMsgType.TEXT, frame)


class Seat(picows.WSListener):
    """One socket; its path says which."""

    def __init__(self, sockets: dict[int, picows.WSTransport], path: bytes) -> None:
        self.sockets, self.index = sockets, int(path.strip(b"/"))

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """Take the seat."""
        self.sockets[self.index] = transport

    def on_ws_disconnected(self, transport: picows.WSTransport) -> None:
        """Leave it."""
        self.sockets.pop(self.index, None)


def write_script(path: Path, numbers: range, all_: bool, sockets: int, frame: str) -> None:
    """Write the commands of a round; ``%d`` in the frame is a message's number."""
    commands = []
    for number in numbers:
        for index in [EVERYBODY] if all_ else range(sockets):
            text = b"%d\n" % index + frame.replace("%d", str(number)).encode()
            commands.append(command(b"PUBLISH", CHANNEL, text))
    path.write_bytes(msgspec.msgpack.encode(commands))


async def serve(port: int, redis_port: int) -> None:
    """Serve until the process is ended."""
    sockets: dict[int, picows.WSTransport] = {}
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: Ear(sockets), "127.0.0.1", redis_port)
    server = await picows.ws_create_server(
        lambda request: Seat(sockets, request.path), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
