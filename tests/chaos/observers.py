"""The observers: ``python -m tests.chaos.observers SPEC.json`` runs clients until SIGTERM.

SPEC: ``{"folder": JOURNALS, "clients": [{"name", "user", "cookie", "urls": […], "api": […],
"origin"}]}``; a client may have ``topics`` to subscribe to beside its own, and SPEC a ``seed``.
``bug`` makes bad clients of them, which the checker must notice. ``ready`` is printed once every
client has connected, or was closed for good.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import signal
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Origin

from tests.chaos import journal
from tests.chaos.careless import CarelessClient
from tests.chaos.client import Client, PlaceLost, Refused
from tests.chaos.people import SignedOut, fingerprint, read_jobs
from tests.chaos.reading import topic_of
from tests.chaos.records import Closed, Open

#: A connection on which nothing came for a ping's period and this is taken to be dead.
GRACE_SECONDS = 10.0
#: The wait before a try: at least the first, at most the second, growing and at random between.
LEAST_SECONDS, MOST_SECONDS = 0.5, 5.0
CONNECT_SECONDS = 10.0
#: The bugs that SPEC may name.
KINDS: Mapping[str, type[Client]] = {"": Client, "client_without_position": CarelessClient}


class Observer:
    """A client with its sockets, which it opens again and again."""

    def __init__(
        self,
        spec: Mapping[str, Any],
        folder: Path,
        dice: random.Random,
        kind: type[Client] = Client,
    ) -> None:
        self._spec, self._dice = spec, dice
        self._journal = journal.Journal(folder / journal.CLIENT.format(spec["name"]))
        topics = spec.get("topics", ())
        self._client = kind(topic_of(spec["user"]), topics, self._journal.write)
        self.is_settled = asyncio.Event()

    async def run(self) -> None:
        """Observe until the server ends it for good."""
        self._journal.write(self._opening())
        try:
            await self._come_back_for_ever()
        except _ClosedForGood as end:
            self._journal.write(Closed(t=time.monotonic(), code=end.code, reason=end.reason))
            self.is_settled.set()

    def end(self) -> None:
        """Write down where it is."""
        self._journal.write(self._client.end())
        self._journal.close()

    async def _come_back_for_ever(self) -> None:
        failures = 0
        for url in cycle(self._spec["urls"]):
            # Whatever broke, the answer is the same: come back and say where you are.
            with contextlib.suppress(OSError, TimeoutError, WebSocketException, PlaceLost):
                await self._converse(url)
            failures = 0 if self._client.ping_seconds else failures + 1
            await asyncio.sleep(self._pause(failures))

    async def _converse(self, url: str) -> None:
        async with self._dial(url) as socket:
            await _say(socket, self._client.greet())
            try:
                await self._listen_for_ever(socket)
            except ConnectionClosed as error:
                _raise_if_for_good(error)
            except Refused as error:
                if error.code != 109 and not error.is_temporary:
                    raise _ClosedForGood(error.code, error.reason) from error

    async def _listen_for_ever(self, socket: ClientConnection) -> None:
        reading: asyncio.Task[None] | None = None
        try:
            while True:
                await self._listen(socket)
                if self._client.needs_state and reading is None:
                    reading = asyncio.create_task(self._read_state(socket))
                if reading is not None and reading.done():
                    reading.result()  # its own mistake, if it made one, is this program's end
        finally:
            if reading is not None:
                reading.cancel()

    async def _listen(self, socket: ClientConnection) -> None:
        """Take one frame, which may hold several messages."""
        patience = (self._client.ping_seconds or CONNECT_SECONDS) + GRACE_SECONDS
        async with asyncio.timeout(patience):
            frame = str(await socket.recv())
        for line in frame.split("\n"):
            await _say(socket, self._client.hear(json.loads(line)))
        if self._client.ping_seconds:
            self.is_settled.set()

    async def _read_state(self, socket: ClientConnection) -> None:
        """Read the jobs through the API, at one address after the other until one answers."""
        for failures, api in enumerate(cycle(self._spec["api"])):
            try:
                self._client.state_was_read(await asyncio.to_thread(read_jobs, api, self._spec))
                break
            except SignedOut:
                break  # the socket's own end is on its way
            except PlaceLost:
                await socket.close()
                break
            except OSError:
                await asyncio.sleep(self._pause(failures))

    def _dial(self, url: str) -> connect:
        # A proxy's port is not the origin's, and the server compares its Host with the origin.
        address, site = urlsplit(url), urlsplit(self._spec["origin"])
        return connect(
            address._replace(netloc=site.netloc).geturl(),
            host=address.hostname,
            port=address.port,
            origin=Origin(self._spec["origin"]),
            additional_headers={"Cookie": self._spec["cookie"]},
            compression=None,
            proxy=None,
            open_timeout=CONNECT_SECONDS,
            close_timeout=1,
            ping_interval=None,  # the protocol has pings of its own
            max_size=None,
        )

    def _opening(self) -> Open:
        return Open(
            t=time.monotonic(),
            wall=time.time(),
            user=self._spec["user"],
            kind="python",
            port=urlsplit(self._spec["urls"][0]).port or 0,
            session=fingerprint(self._spec["cookie"]),
        )

    def _pause(self, failures: int) -> float:
        growing = min(MOST_SECONDS - LEAST_SECONDS, LEAST_SECONDS * 2 ** min(failures, 10))
        return LEAST_SECONDS + self._dice.uniform(0, growing)


class _ClosedForGood(Exception):
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason


async def _say(socket: ClientConnection, messages: Any) -> None:
    if messages:
        await socket.send("\n".join(map(json.dumps, messages)))


def _raise_if_for_good(error: ConnectionClosed) -> None:
    close = error.rcvd
    if close is not None and (3500 <= close.code < 4000 or 4500 <= close.code < 5000):
        raise _ClosedForGood(close.code, close.reason) from error


async def observe(spec: Mapping[str, Any]) -> None:
    """Run all clients of a SPEC until SIGTERM; then write down where each of them is."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_default_executor(ThreadPoolExecutor(16))
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    seed, folder = spec.get("seed", 0), Path(spec["folder"])
    kind = KINDS[spec.get("bug", "")]
    observers = [
        Observer(each, folder, random.Random(f"{seed} {each['name']}"), kind)
        for each in spec["clients"]
    ]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(observer.run()) for observer in observers]
        ready = group.create_task(_tell_when_ready(observers))
        await stop.wait()
        for task in (*tasks, ready):
            task.cancel()
    for observer in observers:
        observer.end()


async def _tell_when_ready(observers: list[Observer]) -> None:
    for observer in observers:
        await observer.is_settled.wait()
    print("ready", flush=True)


if __name__ == "__main__":
    asyncio.run(observe(json.loads(Path(sys.argv[1]).read_text())))
