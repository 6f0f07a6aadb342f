"""Asks the processes whether they are ready, each on its own admin socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

_REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_LONGEST_REPLY = 16 * 1024


async def wait_ready(sockets: Mapping[str, Path], seconds: float) -> dict[str, str]:
    """Wait until all are ready; after ``seconds`` give those that are not, with what they say."""
    deadline = asyncio.get_running_loop().time() + seconds
    waiting = dict.fromkeys(sockets, "")
    while waiting and asyncio.get_running_loop().time() < deadline:
        waiting = {name: answer for name in waiting if (answer := await ask(sockets[name]))}
        if waiting:
            await asyncio.sleep(0.1)
    return waiting


async def ask(path: Path) -> str:
    """Give "" if the process behind this socket is ready, else a sentence that says why not."""
    try:
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                writer.write(_REQUEST)
                return _problem(await reader.read(_LONGEST_REPLY))
            finally:
                writer.close()
    except TimeoutError:
        return "It does not answer."
    except OSError:
        return "It has not opened its admin socket."


def _problem(reply: bytes) -> str:
    status, _, rest = reply.partition(b"\r\n")
    if b" 200 " in status + b" ":
        return ""
    _, _, body = rest.partition(b"\r\n\r\n")
    sentence = " ".join(body.decode("utf-8", errors="replace").split())
    return sentence or f"It answers {status.decode('latin-1')!r}."
