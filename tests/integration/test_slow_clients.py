"""Clients that read slowly or never, at a real server process with the real consumer."""

from __future__ import annotations

import asyncio
import re

import pytest

from tests.integration.slow_stage import (
    COMMAND,
    CROWD,
    PING,
    STREAMS,
    Web,
    connected,
    hear,
    mute,
    mute_stream,
    serve,
    talk,
)

_PUBLISH = """
import sys, time
from django.db import transaction
from realtime.publish import publish, update
from realtime.topics import SITE
count, rate, size = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
begin = time.monotonic()
for n in range(count):
    time.sleep(max(0, begin + n / rate - time.monotonic()))
    update(SITE, "job.progressed", key="job", attempt=1, n=n + 1, t=time.monotonic())
    with transaction.atomic():
        publish(SITE, "greeting", n=n + 1, t=time.monotonic(), filler="x" * size)
"""


@pytest.fixture
def web(on_sqlite) -> Web:
    return serve(on_sqlite)


async def test_a_crowd_that_never_reads_costs_little_and_delays_nobody(web):
    count = 1000
    healthy = await web.listener(CROWD)
    crowd = [await mute(web, number) for number in range(CROWD - STREAMS)]
    streams = [await mute_stream(web, number) for number in range(CROWD - STREAMS, CROWD)]
    web.peak()
    before = web.peak()

    talking = [
        asyncio.create_task(talk(peer, PING if number % 2 else COMMAND))
        for number, peer in enumerate(crowd)
    ]
    talking += [asyncio.create_task(talk(peer, b"\r\n")) for peer in streams]
    publishing = web.site.start(_PUBLISH, count, 100, 3000)
    heard = await hear(healthy, until=count)
    await asyncio.to_thread(publishing.wait)
    ends = await asyncio.gather(*talking)
    grown = web.peak() - before

    print(f"memory +{grown / 1e6:.1f} MB, p99 {heard.p99 * 1000:.0f} ms")
    assert heard.offsets == list(range(1, count + 1))
    assert grown < 20_000_000
    assert heard.p99 < 0.5
    await healthy.close()
    assert all(ends), "a socket that never reads is closed"
    assert web.measured('bellwire_socket_closes_total{code="3008"}') == CROWD - STREAMS
    ended = 'bellwire_stream_closes_total{reason="3008",way="sse"}'
    assert web.measured(ended) == STREAMS


async def test_a_slow_reader_catches_up_with_everything_once_and_in_order(web):
    count = 150
    tab = await web.listener(0, max_queue=1, sock=await connected(web, 32768))
    await asyncio.to_thread(web.site.run, _PUBLISH, count, 100_000, 3000)

    heard = await hear(tab, until=count, pause=0.001)

    assert heard.offsets == list(range(1, count + 1))
    assert heard.numbers == sorted(set(heard.numbers))
    assert heard.numbers[-1] == count
    assert len(heard.numbers) < count, "of the others only the newest"
    assert web.measured("bellwire_catch_ups_total") > 1
    await tab.close()


async def test_a_slow_stream_catches_up_with_everything_once_and_in_order(web):
    count = 150
    loop, peer = asyncio.get_running_loop(), await mute_stream(web, 0, 32768)
    await asyncio.to_thread(web.site.run, _PUBLISH, count, 100_000, 3000)

    heard = b""
    while b":%d\ndata" % count not in heard:
        heard += await asyncio.wait_for(loop.sock_recv(peer, 32768), 20)
        await asyncio.sleep(0.001)

    offsets = re.findall(rb"^event: site:all\nid: \w+:0,\w+:(\d+)$", heard, re.MULTILINE)
    assert [int(offset) for offset in offsets] == list(range(1, count + 1))
    assert web.measured("bellwire_catch_ups_total") > 1
    peer.close()
