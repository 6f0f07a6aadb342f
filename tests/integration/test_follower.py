"""A follower and servers that misbehave."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import islice
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from realtime.follower import Follower, Refused
from realtime.following import Anew, Event

TOPIC = "user:1"


@contextmanager
def server(*acts: Callable[[ServerConnection], None], refusals: int = 0) -> Iterator[str]:
    """Serve one act per socket, after refusing so many; give the address."""
    left, waiting = list(acts), [refusals]

    def refuse(socket: ServerConnection, _: Any) -> Any:
        waiting[0] -= 1
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "later") if waiting[0] >= 0 else None

    def act(socket: ServerConnection) -> None:
        left.pop(0)(socket)

    with serve(act, "127.0.0.1", 0, process_request=refuse, close_timeout=1) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.socket.getsockname()[1]}"
        serving.shutdown()
    thread.join()


def greet(socket: ServerConnection, ping: float = 25, **place: Any) -> dict:
    """Answer a connect; give what it said."""
    said = json.loads(socket.recv())
    subs = {TOPIC: {"epoch": "e", "offset": 0, **place}}
    socket.send(json.dumps({"id": 1, "connect": {"ping": ping, "subs": subs}}))
    return said["connect"]


def push(socket: ServerConnection, offset: int) -> None:
    publication = {"offset": offset, "data": {"n": offset}}
    socket.send(json.dumps({"push": {"channel": TOPIC, "pub": publication}}))


def recovering(socket: ServerConnection) -> None:
    """Give what is missing after the place that was said, and stay."""
    since = json.loads(socket.recv())["connect"]["data"]["since"][TOPIC]["offset"]
    missed = [{"offset": n, "data": {"n": n}} for n in range(since + 1, 4)]
    place = {"epoch": "e", "offset": since, "recovered": True, "publications": missed}
    socket.send(json.dumps({"id": 1, "connect": {"ping": 25, "subs": {TOPIC: place}}}))
    for _ in socket:
        pass


def follow(url: str, count: int, notes: list[str] | None = None) -> list[object]:
    notes = [] if notes is None else notes
    following = Follower(url, TOPIC, lambda: "token", notes.append).follow()
    heard = list(islice(following, count))
    following.close()
    return heard


WHOLE = [Anew("e", 0, is_first=True), *(Event(n, {"n": n}) for n in (1, 2, 3))]


def breaks_off(socket: ServerConnection) -> None:
    greet(socket)
    push(socket, 1)
    socket.close(3001, "shutdown")


def leaves_a_gap(socket: ServerConnection) -> None:
    greet(socket)
    push(socket, 1)
    push(socket, 3)
    for _ in socket:
        pass


def falls_silent(socket: ServerConnection) -> None:
    greet(socket, ping=-9.5)
    push(socket, 1)
    for _ in socket:
        pass


def says_nonsense(socket: ServerConnection) -> None:
    greet(socket)
    push(socket, 1)
    socket.send("<html>")


@pytest.mark.parametrize("act", [breaks_off, leaves_a_gap, falls_silent, says_nonsense])
def test_whatever_happens_to_a_socket_nothing_is_missed(act):
    began = time.monotonic()
    with server(act, recovering) as url:
        assert follow(url, 4) == WHOLE
    assert time.monotonic() - began < 20


def test_a_handshake_that_is_refused_is_tried_again():
    notes: list[str] = []

    with server(breaks_off, refusals=1) as url:
        assert follow(url, 2, notes) == WHOLE[:2]

    assert "503" in notes[0]
    assert notes[1] == "Connected again."


@pytest.mark.parametrize(("code", "reason"), [(3500, "invalid token"), (3503, "force disconnect")])
def test_a_close_that_is_final_is_not_argued_with(code, reason):
    with (
        server(lambda socket: socket.close(code, reason)) as url,
        pytest.raises(Refused, match=reason),
    ):
        follow(url, 1)


def test_a_ping_is_answered():
    answers: list[str] = []

    def pings(socket: ServerConnection) -> None:
        greet(socket)
        socket.send("{}")
        answers.append(str(socket.recv()))
        push(socket, 1)

    with server(pings) as url:
        follow(url, 2)

    assert answers == ["{}"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://x",
        "http://",
        "http://x/elsewhere",
        "http://x:99999",
        "http://x:port",
        "http://[::1",
    ],
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="no address like"):
        Follower(url, TOPIC, lambda: "token", print)
