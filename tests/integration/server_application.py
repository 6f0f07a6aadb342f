"""The ASGI application that the server's tests talk to; each path is one behaviour."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from realtime.frames import text_frame
from realtime.server.exchange import Receive, Scope, Send

urlpatterns: list[Any] = []  # Django wants some

#: What one connection asks about another.
counted = {
    "streamed": 0,
    "received": 0,
    "buffered": 0,
    "floods": 0,
    "answered": 0,
    "left": 0,
    "disconnect": 0,
}
released = asyncio.Event()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Run the coroutine that the path names."""
    await _paths[scope["type"] + scope["path"]](scope, receive, send)


async def _opened(receive: Receive, send: Send, **answer: Any) -> None:
    await receive()
    await send({"type": "websocket.accept", **answer})


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back what comes, in the kind in which it came."""
    await _opened(receive, send)
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})
    counted["disconnect"] = message["code"]


async def negotiate(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept centrifuge-json where it is offered."""
    wanted = [name for name in scope["subprotocols"] if name == "centrifuge-json"]
    await _opened(receive, send, subprotocol=wanted[0] if wanted else None)
    await send({"type": "websocket.send", "text": json.dumps(scope["subprotocols"])})
    await receive()


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Close before accepting."""
    await receive()
    await send({"type": "websocket.close", "code": 4001})


async def close(scope: Scope, receive: Receive, send: Send) -> None:
    """Close in the way of ASGI with the code and the reason that the client asks for."""
    await _opened(receive, send)
    code, _, reason = (await receive())["text"].partition(" ")
    await send({"type": "websocket.close", "code": int(code), "reason": reason})
    counted["disconnect"] = (await receive())["code"]


async def end(scope: Scope, receive: Receive, send: Send) -> None:
    """Write 15 frames of 50 kB straight to the socket, then end it."""
    await _opened(receive, send)
    socket = scope["extensions"]["bellwire"]["socket"]
    for number in range(15):
        socket.write_frame(text_frame(f"{number:05}".encode() * 10_000))
    socket.end(3008, "slow")
    socket.write_frame(text_frame(b"too late"))
    await receive()


async def held(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell of how many exchanges the server knows."""
    await _opened(receive, send)
    exchanges = scope["extensions"]["bellwire"]["socket"].server.exchanges
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": str(len(exchanges))})


async def crash(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise while the socket is open."""
    await _opened(receive, send)
    await receive()
    raise RuntimeError("a bug")


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    """Send more than a client may."""
    await _opened(receive, send)
    await send({"type": "websocket.send", "text": "x" * 1_000_000})
    await receive()


async def amplify(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer every message with 100 kB."""
    await _opened(receive, send)
    while (await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": "x" * 100_000})
        counted["answered"] += 1


async def deaf(scope: Scope, receive: Receive, send: Send) -> None:
    """Take nothing until released, then count all."""
    await _opened(receive, send)
    await released.wait()
    while (await receive())["type"] == "websocket.receive":
        counted["received"] += 1


async def flood(scope: Scope, receive: Receive, send: Send) -> None:
    """Write 60 MB to a client that may not read, then until it is gone."""
    await _opened(receive, send)
    socket = scope["extensions"]["bellwire"]["socket"]
    frame = text_frame(b"x" * 60_000)
    for _ in range(1000):
        socket.write_frame(frame)
    counted["buffered"] = socket.buffered
    while not socket.is_gone:
        socket.write_frame(frame)
        await asyncio.sleep(0.001)
    counted["floods"] += 1


async def head(scope: Scope, receive: Receive, send: Send) -> None:
    """Show what the scope says."""
    names = ("type", "path", "root_path", "scheme", "client")
    shown = {name: scope[name] for name in names}
    shown["headers"] = [name.decode() for name, _ in scope["headers"]]
    if scope["type"] == "websocket":
        await _opened(receive, send)
        await send({"type": "websocket.send", "text": json.dumps(shown)})
        await receive()
    else:
        await _respond(send, shown)


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Count the body and its chunks."""
    sizes, has_more = [], True
    while has_more:
        message = await receive()
        sizes.append(len(message["body"]))
        has_more = message["more_body"]
    await _respond(send, {"bytes": sum(sizes), "chunks": len(sizes), "largest": max(sizes)})


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    """Stream 100 MB, and count what the server has taken."""
    counted["streamed"] = 0
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1600):
        await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        counted["streamed"] += 65536
    await send({"type": "http.response.body", "body": b""})


async def whole(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond with 2 MB in one piece."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 2_000_000})


async def fail(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise instead of responding."""
    raise RuntimeError("a bug")


async def fail_late(scope: Scope, receive: Receive, send: Send) -> None:
    """Raise in the middle of a response."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("a bug")


async def wait(scope: Scope, receive: Receive, send: Send) -> None:
    """Respond never; note the client's leaving."""
    await receive()
    await receive()
    counted["left"] += 1


async def counts(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell what was counted."""
    await _respond(send, counted)


async def release(scope: Scope, receive: Receive, send: Send) -> None:
    """Let the deaf hear."""
    released.set()
    await _respond(send, {})


async def _respond(send: Send, value: object) -> None:
    body = json.dumps(value).encode()
    headers = [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_paths: dict[str, Callable[[Scope, Receive, Send], Any]] = {
    **{f"websocket/{f.__name__}": f for f in (echo, negotiate, refuse, close, end, held)},
    **{f"websocket/{f.__name__}": f for f in (amplify, crash, deaf, flood, head, large)},
    **{f"http/{f.__name__}": f for f in (head, upload, stream, whole, fail, fail_late, wait)},
    **{f"http/{f.__name__}": f for f in (counts, release)},
    "http/api/files": upload,
}
