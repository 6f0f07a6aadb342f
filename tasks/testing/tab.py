"""A person's open page, without a browser: the site's own sockets, in the test's process."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.utils.module_loading import import_string

from realtime import pool, tokens
from realtime.conf import conf
from tasks.testing.database import refuse_memory
from tasks.testing.told import matches

T = TypeVar("T")
Message = dict[str, Any]

#: How long opening and closing may take on a machine that is busy.
PATIENCE_SECONDS = 20.0


class Tab:
    """What one page of a person hears, from when it was opened."""

    def __init__(self, user: Any) -> None:
        self._user = user
        self._said: asyncio.Queue[Message] = asyncio.Queue()
        self._heard: queue.Queue[Message] = queue.Queue()
        self._is_open = asyncio.Event()
        #: Everything that ``wait_for`` has come by, the oldest first.
        self.events: list[Message] = []

    def wait_for(self, type_: str, seconds: float = 5, **fields: Any) -> Message:
        """Wait for the next event or update of this type, with these fields, and return it.

        Fields are as for ``assert_notified``. AssertionError, with what came instead, if none
        has come after so many seconds.
        """
        deadline, since = time.monotonic() + seconds, len(self.events)
        while (left := deadline - time.monotonic()) > 0:
            try:
                event = self._heard.get(timeout=left)
            except queue.Empty:
                break
            self.events.append(event)
            if event["type"] == type_ and matches(event, fields):
                return event
        came = [event["type"] for event in self.events[since:]]
        raise AssertionError(f"{self._user} heard no {type_} {fields or ''}, but {came}.")

    async def converse(self) -> None:
        """Talk to the site's application until ``leave``."""
        headers = [(b"host", b"testserver")]
        scope = {"type": "websocket", "path": "/connection/websocket", "headers": headers,
                 "query_string": b"", "scheme": "ws", "subprotocols": [],
                 "client": ["127.0.0.1", 0]}  # fmt: skip
        self._said.put_nowait({"type": "websocket.connect"})
        await import_string(conf.ASGI_APPLICATION)(scope, self._said.get, self._take)

    async def is_open(self) -> None:
        """Wait until every event from now on will be heard."""
        await self._is_open.wait()

    def leave(self) -> None:
        """Go away."""
        self._said.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def _take(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                self._say({"id": 1, "connect": {"token": tokens.make(self._user.pk)}})
            case "websocket.send":
                text = message.get("text") or message["bytes"].decode()
                for line in text.split("\n"):
                    self._read(json.loads(line))
            case "websocket.close":
                self.leave()

    def _read(self, said: Message) -> None:
        if not said:
            self._say({})  # a ping is answered with a pong
        elif "connect" in said:
            self._is_open.set()
        elif publication := said.get("push", {}).get("pub"):
            self._heard.put(publication["data"])

    def _say(self, command: Message) -> None:
        self._said.put_nowait({"type": "websocket.receive", "text": json.dumps(command)})


class _Loop:
    """An event loop in a thread of its own, so that tests stay plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tabs", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE_SECONDS)

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_SECONDS)
        self._loop.close()


@contextmanager
def open_tabs() -> Iterator[Callable[[Any], Tab]]:
    """Give what opens a person's tab; at the end all are closed, with what served them."""
    refuse_memory()
    loop, talks = _Loop(), list[tuple[Tab, asyncio.Task[None]]]()

    async def open_one(user: Any) -> Tab:
        tab = Tab(user)
        talk = asyncio.create_task(tab.converse())
        talks.append((tab, talk))
        opening = asyncio.create_task(tab.is_open())
        await asyncio.wait([talk, opening], return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            opening.cancel()
            await talk
            raise AssertionError(f"{user} may not open a page: has {user} been saved, and active?")
        return tab

    async def close_all() -> None:
        for tab, _ in talks:
            tab.leave()
        await asyncio.gather(*(talk for _, talk in talks), return_exceptions=True)
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:  # those of the hub and of the layer
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    try:
        yield lambda user: loop.run(open_one(user))
    finally:
        loop.run(close_all())
        pool.hang_up()
        loop.end()
