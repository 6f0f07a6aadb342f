"""How a process is replaced: its successor first, or itself first, as its program says."""

from __future__ import annotations

import asyncio

from project.up import readiness
from project.up.children import Child, Children
from project.up.errors import UpError
from project.up.program import Program

#: From its start until it is ready.
PATIENCE_SECONDS = 60.0
#: A program without a readiness of its own that lives so long has begun well.
SETTLED_SECONDS = 4.0


class NoSuccessor(UpError):
    """A process could not be replaced; the old one goes on."""


async def succeed(program: Program, children: Children) -> Child:
    """Start a program beside the one that it replaces, and wait until it is ready.

    Raises NoSuccessor, with nothing left of it, if it ends or is not ready in time.
    """
    child = children.start(program)
    ended = asyncio.create_task(child.ended())
    settled = asyncio.create_task(_settled(program))
    try:
        await asyncio.wait({ended, settled}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise NoSuccessor(f"The new {program.name} ended with code {ended.result()}.")
        if problem := settled.result():
            await child.end()
            raise NoSuccessor(f"The new {program.name} is not ready: {problem}")
    finally:
        ended.cancel()
        settled.cancel()
    return child


async def _settled(program: Program) -> str:
    if program.admin is None:
        await asyncio.sleep(SETTLED_SECONDS)
        return ""
    waiting = await readiness.wait_ready({program.name: program.admin}, PATIENCE_SECONDS)
    return waiting.get(program.name, "")
