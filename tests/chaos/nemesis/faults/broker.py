"""What happens to Redis, which carries hints, wakes workers and counts who is there."""

from __future__ import annotations

import asyncio

from tests.chaos.harness.waiting import happens
from tests.chaos.nemesis.stage import Evidence, Stage

#: How long it may take until somebody listens.
LISTENER_SECONDS = 10.0


async def kill_and_empty(stage: Stage, target: str, seconds: float) -> Evidence:
    """Kill it, and start another one that knows nothing."""
    return await _replace(stage, seconds, forgetting=True)


async def kill(stage: Stage, target: str, seconds: float) -> Evidence:
    """Kill it, and start it again from its file, which is up to a second old."""
    return await _replace(stage, seconds, forgetting=False)


async def _replace(stage: Stage, seconds: float, *, forgetting: bool) -> Evidence:
    redis = stage.platform.redis
    before = await redis.birth()
    await redis.kill()
    await asyncio.sleep(seconds)
    if forgetting:
        redis.forget()
    await redis.begin()
    after = await redis.birth()
    return {"before": before, "after": after} if after != before else {}


async def flush(stage: Stage, target: str, seconds: float) -> Evidence:
    """Remove all that it holds."""
    async with stage.platform.redis.client() as client:
        await client.set("chaos:marker", 1)  # it may have been emptied a moment ago
        keys = await client.dbsize()
        await client.flushall()
        commands = await client.info("commandstats")
    return {"keys": keys, "flushes": commands["cmdstat_flushall"]["calls"]} if keys else {}


async def freeze(stage: Stage, target: str, seconds: float) -> Evidence:
    """Stop its clock: connections stay, and no answer comes."""
    redis = stage.platform.redis
    redis.freeze()
    try:
        is_stopped = await happens(lambda: redis.state == "T", 5)
        is_mute = not await redis.answers()
        await asyncio.sleep(seconds)
    finally:
        redis.thaw()
    return {"pid": redis.pid, "state": "T"} if is_stopped and is_mute else {}


async def hang_up(stage: Stage, target: str, seconds: float) -> Evidence:
    """Have it close the connections of all who listen."""
    closed = 0

    async def strikes() -> int:
        nonlocal closed
        closed = int(await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub"))
        return closed

    async with stage.platform.redis.client() as client:
        # It may have begun a moment ago, and nobody listen yet.
        await happens(strikes, LISTENER_SECONDS)
    return {"closed": closed} if closed else {}
