"""What one process says of itself, on its private socket: alive, ready, measured.

Other parts register what readiness means to them: ``register_check("worker", fn)``.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import Error, connection
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from realtime.models import Stream

logger = logging.getLogger(__name__)

Check = Callable[[], str] | Callable[[], Awaitable[str]]

#: A check that says nothing by then is unhealthy.
CHECK_SECONDS = 2.0

_checks: dict[str, Check] = {}
_under_way: dict[str, asyncio.Future[str]] = {}
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


def register_check(name: str, check: Check) -> None:
    """Ask ``check()`` whenever readiness is asked for; "" is healthy, else it is a sentence.

    A plain function runs in a thread, a coroutine function on the event loop. Both have 2 s,
    and a check that hangs is not started a second time. A name that is taken is replaced.
    """
    _checks[name] = check


async def readiness() -> dict[str, Any]:
    """Run all checks at once: ``{"ready": bool, "checks": {name: "" or a sentence}}``."""
    names = list(_checks)
    sentences = await asyncio.gather(*(_sentence(name) for name in names))
    return {
        "ready": not any(sentences),
        "checks": dict(zip(names, sentences, strict=True)),
    }


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Answer ``/healthz``, ``/readyz`` and ``/metrics``; a bare ASGI application."""
    match scope["path"]:
        case "/healthz":
            answer = 200, b"text/plain", b"alive\n"
        case "/readyz":
            state = await readiness()
            answer = 200 if state["ready"] else 503, b"application/json", _json(state)
        case "/metrics":
            answer = 200, CONTENT_TYPE_LATEST.encode(), generate_latest()
        case _:
            answer = 404, b"text/plain", b"There are /healthz, /readyz and /metrics.\n"
    await _respond(send, *answer)


async def _sentence(name: str) -> str:
    if name not in _under_way or _under_way[name].done():
        _under_way[name] = asyncio.ensure_future(_ask(_checks[name]))
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            # Shielded: the thread would go on anyway, and must not be doubled.
            return await asyncio.shield(_under_way[name])
    except TimeoutError:
        return f"No answer within {CHECK_SECONDS:g} s."
    except Exception as error:
        # A check is other people's code; whatever it raises means not ready.
        logger.exception("The check %s failed.", name, extra={"action": "health.check_failed"})
        return f"The check failed: {error}"


async def _ask(check: Check) -> str:
    if inspect.iscoroutinefunction(check):
        return str(await check())
    return str(await asyncio.get_running_loop().run_in_executor(_threads, check))


async def _respond(
    send: Callable[[dict[str, Any]], Awaitable[None]], status: int, kind: bytes, body: bytes
) -> None:
    headers = [(b"Content-Type", kind), (b"Content-Length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _database() -> str:
    # A table of ours: answering means that the database is there and migrated.
    try:
        Stream.objects.order_by("pk").values("pk").first()
    except Error as error:
        return f"The database does not answer: {error}"
    finally:
        connection.close()
    return ""


register_check("database", _database)
