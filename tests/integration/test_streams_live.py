"""Streams and long polls of a real server process: what they hold, and how they end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.integration.live_stage import PATIENCE, Stage
from tests.integration.test_who_must_go_live import _FLOW, end_offset

CROWD = 200
_PUBLISH = """
import sys
from django.db import transaction
from realtime.publish import publish
from realtime.topics import Topic
for n in range(int(sys.argv[1])):
    with transaction.atomic():
        publish(Topic("user", "1"), "greeting", n=n)
"""


class Stream:
    """One response, read over a connection of its own."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def block(self) -> str:
        """Read up to the next empty line."""
        lines = [""]
        async with asyncio.timeout(PATIENCE):
            while (line := (await self._reader.readline()).decode()).strip():
                lines.append(line)
        return "".join(lines)

    async def until(self, word: str) -> str:
        """Read up to a word; IncompleteReadError if it does not come."""
        async with asyncio.timeout(PATIENCE):
            return (await self._reader.readuntil(word.encode())).decode()

    async def rest(self) -> str:
        """Read to the end of the connection."""
        async with asyncio.timeout(PATIENCE):
            return (await self._reader.read()).decode()


class Ears:
    """What listens at a stage."""

    def __init__(self) -> None:
        self._writers: list[asyncio.StreamWriter] = []

    async def ask(
        self, stage: Stage, number: int, query: str = "", *fields: str, http: str = "1.0"
    ) -> Stream:
        """Ask for events in a session's name; with HTTP/1.0 a body is what follows the head."""
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
        self._writers.append(writer)
        head = [
            f"GET /api/events{query} HTTP/{http}",
            f"Host: 127.0.0.1:{stage.port}",
            f"Cookie: sessionid={stage.sessions[number]}",
            *fields,
        ]
        writer.write("\r\n".join([*head, "", ""]).encode())
        return Stream(reader)

    async def poll(self, stage: Stage, number: int) -> Stream:
        """Ask for what comes within a long time."""
        return await self.ask(stage, number, "?wait=55")

    async def stream(self, stage: Stage, number: int) -> Stream:
        """Ask for a stream, and hear it begin."""
        stream = await self.ask(stage, number, "", EVENT_STREAM)
        assert "200 OK" in await stream.block()
        assert "id: " in await stream.block()
        return stream

    async def leave(self) -> None:
        """Hang up."""
        for writer in self._writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


EVENT_STREAM = "Accept: text/event-stream"


@pytest.fixture
async def ears():
    ears = Ears()
    yield ears
    await ears.leave()


async def test_a_crowd_that_waits_holds_no_thread_and_no_database_connection(
    on_postgres, perform, ears
):
    stage = perform(on_postgres, max_sockets_per_user=2 * CROWD)
    # The threads and connections of the one crossing, which stay, are all made by now.
    await asyncio.gather(*(ears.stream(stage, 2) for _ in range(30)))
    before = _held(stage)

    streams = [await ears.stream(stage, number % 2) for number in range(CROWD)]
    polls = [await ears.poll(stage, 0) for _ in range(8)]
    await asyncio.to_thread(stage.site.run, _PUBLISH, 1)

    said = [await poll.block() for poll in polls] + [await stream.block() for stream in streams]
    assert all("200 OK" in word or ":1\ndata: " in word for word in said)
    assert _held(stage) == before


def _held(stage: Stage) -> tuple[int, int]:
    """Count a server's threads, and all connections to its database."""
    [(connections,)] = stage.site.rows(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid()"
    )
    return len(list(Path(f"/proc/{stage.pid}/task").iterdir())), connections


async def test_a_stream_in_chunks_goes_on_where_nothing_was_missed(on_sqlite, perform, ears):
    stage = perform(on_sqlite)
    first = await ears.ask(stage, 0, "", EVENT_STREAM)
    await first.block()
    place = re.search(r"id: (\w+):(\d+)", await first.block())
    assert place

    query = f"?epoch={place[1]}&after={place[2]}"
    stream = await ears.ask(stage, 0, query, EVENT_STREAM, http="1.1")
    await stream.until("id: ")
    await asyncio.to_thread(stage.site.run, _PUBLISH, 1)

    end_of_the_body = "\r\n0\r\n\r\n"
    assert end_of_the_body not in await stream.until('"type":"greeting"')


async def test_after_signing_out_nothing_later_reaches_that_session_s_stream(
    on_sqlite, perform, ears
):
    stage = perform(on_sqlite)
    gone, stays = await ears.stream(stage, 0), await ears.stream(stage, 1)
    stage.site.start(_FLOW)
    for _ in range(20):
        await gone.block()

    await asyncio.to_thread(stage.post, "/logout/", 0)

    said = await gone.rest()
    assert said.endswith('event: end\ndata: {"code":3011,"reason":"force reconnect"}\n\n')
    end = end_offset(stage)
    offsets = [int(offset) for offset in re.findall(r"^id: \w+:(\d+)$", said, re.MULTILINE)]
    assert offsets == list(range(21, end + 1))
    for _ in range(end + 20):
        await stays.block()


async def test_a_server_that_leaves_sends_streams_and_polls_elsewhere(on_sqlite, perform, ears):
    stage = perform(on_sqlite, drain_seconds=0.5)
    streams = [await ears.stream(stage, 0) for _ in range(5)]
    poll = await ears.poll(stage, 1)
    await _measures(stage, 'bellwire_streams{way="poll"} 1.0')

    os.kill(stage.pid, signal.SIGTERM)

    ends = [await stream.rest() for stream in streams]
    assert set(ends) == {'event: end\ndata: {"code":3001,"reason":"shutdown"}\n\n'}
    answer = json.loads((await poll.rest()).partition("\r\n\r\n")[2])
    assert (answer["events"], answer["recovered"]) == ([], True)


async def test_curl_hears_events_as_they_happen(on_sqlite, perform):
    if not (curl := shutil.which("curl")):
        pytest.skip("curl is not installed")
    stage = perform(on_sqlite)
    token = stage.site.run("from realtime.tokens import make; print(make(1))")
    headers = ("-H", EVENT_STREAM, "-H", f"Authorization: Bearer {token}")
    url = f"http://127.0.0.1:{stage.port}/api/events"
    process = await asyncio.create_subprocess_exec(
        *(curl, "-sN", *headers, url), stdout=subprocess.PIPE
    )
    stream = Stream(process.stdout)
    opening = await stream.block()
    assert opening.startswith("retry: ")

    await asyncio.to_thread(stage.site.run, _PUBLISH, 2)

    events = [await stream.block() for _ in range(2)]
    place = opening.split("id: ")[1].strip().removesuffix(":0")
    assert [event.split("\n")[0] for event in events] == [f"id: {place}:1", f"id: {place}:2"]
    data = [json.loads(event.split("\n")[1].removeprefix("data: ")) for event in events]
    assert [(each["type"], each["n"]) for each in data] == [("greeting", 0), ("greeting", 1)]
    process.terminate()
    await process.wait()


async def test_a_client_that_leaves_is_noticed_while_nothing_happens(on_sqlite, perform, ears):
    stage = perform(on_sqlite)
    await ears.stream(stage, 0)
    await ears.poll(stage, 0)
    await _measures(stage, 'bellwire_streams{way="sse"} 1.0')
    await _measures(stage, 'bellwire_streams{way="poll"} 1.0')

    await ears.leave()

    await _measures(stage, 'bellwire_streams{way="sse"} 0.0')
    await _measures(stage, 'bellwire_streams{way="poll"} 0.0')
    assert "was cancelled" not in stage.site.log()


async def _measures(stage: Stage, line: str) -> None:
    """Wait until the server's metrics have this line."""
    async with asyncio.timeout(PATIENCE):
        while line not in await _metrics(stage):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _metrics(stage: Stage) -> str:
    path = Path(stage.site.folder) / "web1"
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(b"GET /metrics HTTP/1.0\r\nHost: localhost\r\n\r\n")
    text = (await reader.read()).decode()
    writer.close()
    return text
