"""A client that listens over HTTP, without a server between it and the application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from django.core.asgi import get_asgi_application

from realtime.http_events import PATH, EventsFirst

APPLICATION = EventsFirst(get_asgi_application())


class HttpListener:
    """One request; ``session`` is the key in its cookie."""

    def __init__(
        self, session: str = "", query: str = "", *, method: str = "GET", **headers: str
    ) -> None:
        named = {"host": "localhost"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if session:
            named["cookie"] = f"theme=dark; sessionid={session}"
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": PATH,
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in named.items()],
            "client": ["203.0.113.7", 40000],
        }
        self._words: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._words.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        self._text = ""
        self.is_over = False
        #: Cleared, it takes nothing more of what is sent.
        self.reads = asyncio.Event()
        self.reads.set()
        self._task = asyncio.create_task(APPLICATION(self.scope, self._words.get, self._send))

    async def status(self) -> int:
        """Wait for the head of the response, and of a refusal for all of it."""
        status = await self._head()
        if status != 200:
            await self._body()
        return status

    async def answer(self) -> tuple[int, Any]:
        """Wait for the whole of a response, which is JSON."""
        return await self._head(), json.loads(await self._body())

    async def opens(self) -> str:
        """Wait for a stream to begin; give the places that it begins at."""
        status = await self._head()
        assert status == 200, await self._hear()
        return (await self.block()).get("id", "")

    async def block(self) -> dict[str, str]:
        """Wait for the next block of a stream; a comment's field has no name."""
        while "\n\n" not in self._text:
            assert not self.is_over, "the stream is over"
            self._text += (await self._hear())["body"].decode()
        block, _, self._text = self._text.partition("\n\n")
        fields = (line.partition(":") for line in block.split("\n"))
        return {name: value.removeprefix(" ") for name, _, value in fields}

    async def event(self) -> tuple[str, Any]:
        """Wait for the next block; give its id and its data."""
        block = await self.block()
        return block.get("id", ""), json.loads(block["data"])

    async def ends(self) -> tuple[int, str]:
        """Wait for the end that follows at once, and give its code and reason."""
        block = await self.block()
        assert block["event"] == "end", block
        await asyncio.wait_for(self._task, 5)
        assert (self.is_over, self._text) == (True, "")
        end = json.loads(block["data"])
        return end["code"], end["reason"]

    async def is_quiet(self) -> bool:
        """Tell whether nothing more was said."""
        await asyncio.sleep(0.1)
        return self._heard.empty() and not self._text

    async def leave(self) -> None:
        """Go away."""
        self._words.put_nowait({"type": "http.disconnect"})
        await asyncio.wait_for(self._task, 5)

    async def _head(self) -> int:
        start = await self._hear()
        self.headers = {k.decode().lower(): v.decode() for k, v in start["headers"]}
        return int(start["status"])

    async def _body(self) -> str:
        body = ""
        while not self.is_over:
            body += (await self._hear())["body"].decode()
        # Django closes what it read of the request after the last word of the response.
        await asyncio.wait_for(self._task, 5)
        return body

    async def _hear(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            message = await self._heard.get()
        self.is_over = _is_last(message)
        return message

    async def _send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        if _is_last(message):
            self._words.put_nowait({"type": "http.disconnect"})
        self._heard.put_nowait(message)


def _is_last(message: dict[str, Any]) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body")


def streaming(session: str = "", query: str = "", **headers: str) -> HttpListener:
    """Ask for a stream, as an EventSource does."""
    return HttpListener(session, query, accept="text/event-stream", **headers)
