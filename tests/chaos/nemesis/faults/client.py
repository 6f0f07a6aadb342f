"""What happens to one client's line; the target is the client's name."""

from __future__ import annotations

import asyncio

from tests.chaos.harness.proxy import Proxy
from tests.chaos.harness.waiting import happens
from tests.chaos.nemesis.memory import growth, resident
from tests.chaos.nemesis.stage import Evidence, Stage

#: A client is between two connections for a few seconds at most; a line that stays is due then.
LINE_SECONDS = 30.0
#: Every client is sent a ping each 25 s, whatever else it is sent.
FRAME_SECONDS = 40.0
SLOW_BYTES_PER_SECOND = 512.0


async def reset(stage: Stage, target: str, seconds: float) -> Evidence:
    """Reset the connection at both ends."""
    proxy = await _with_a_line(stage, target)
    return {"reset": count} if (count := proxy.reset()) else {}


async def finish(stage: Stage, target: str, seconds: float) -> Evidence:
    """Close the connection in order, below the protocol."""
    proxy = await _with_a_line(stage, target)
    return {"closed": count} if (count := proxy.finish()) else {}


async def cut_mid_frame(stage: Stage, target: str, seconds: float) -> Evidence:
    """Reset the connection after half of what the server sends next."""
    proxy = await _with_a_line(stage, target)
    try:
        return {"cut_bytes": await proxy.cut(FRAME_SECONDS)}
    except TimeoutError:
        return {}


async def swallow(stage: Stage, target: str, seconds: float) -> Evidence:
    """Let nothing through in either direction, and nobody know."""
    proxy = await _with_a_line(stage, target)
    proxy.swallow()
    return await _until_felt(stage, proxy, seconds)


async def slow(stage: Stage, target: str, seconds: float) -> Evidence:
    """Let through half a kilobyte each second."""
    proxy = await _with_a_line(stage, target)
    proxy.slow(SLOW_BYTES_PER_SECOND)
    return await _until_felt(stage, proxy, seconds)


async def _until_felt(stage: Stage, proxy: Proxy, seconds: float) -> Evidence:
    """Let it last, for as long as said and until something had to wait or came anew."""
    memory, connections = await resident(stage.platform), proxy.connections
    await asyncio.sleep(seconds)
    await happens(lambda: proxy.delayed_bytes or proxy.connections > connections, FRAME_SECONDS)
    felt = {"delayed_bytes": proxy.delayed_bytes, "dialled": proxy.connections - connections}
    grown = growth(memory, await resident(stage.platform))
    proxy.recover()
    return {**felt, "grown_bytes": grown} if any(felt.values()) else {}


async def _with_a_line(stage: Stage, target: str) -> Proxy:
    proxy = stage.proxies[target]
    await happens(lambda: proxy.lines, LINE_SECONDS)
    return proxy
