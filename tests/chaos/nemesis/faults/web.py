"""What happens to a server process; the target is its name."""

from __future__ import annotations

import asyncio
from signal import SIGKILL

from tests.chaos.harness.waiting import happens
from tests.chaos.nemesis.stage import Evidence, Stage


async def kill(stage: Stage, target: str, seconds: float) -> Evidence:
    """Kill it at once, and start it again after a while."""
    web = stage.web(target)
    old, code = web.pid, await web.kill()
    await asyncio.sleep(seconds)
    web.start()
    await stage.platform.serving(web)
    return {"old": old, "new": web.pid} if code == -SIGKILL and web.pid != old else {}


async def freeze(stage: Stage, target: str, seconds: float) -> Evidence:
    """Stop its clock: its connections stay open, and nothing comes from them."""
    web = stage.web(target)
    web.freeze()
    try:
        is_stopped = await happens(lambda: web.state == "T", 5)
        is_mute = not await asyncio.to_thread(web.serves)
        await asyncio.sleep(seconds)
    finally:
        web.thaw()
    await stage.platform.serving(web)
    return {"pid": web.pid, "state": "T"} if is_stopped and is_mute else {}


async def drain(stage: Stage, target: str, seconds: float) -> Evidence:
    """Have it leave as it is meant to, and start it again."""
    web = stage.web(target)
    old, code = web.pid, await web.leave()
    web.start()
    await stage.platform.serving(web)
    return {"old": old, "exit_code": code} if code == 0 and web.pid != old else {}
