from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from project.up.errors import PortTaken, UpError
from project.up.listeners import listen


@pytest.fixture
def listeners() -> Iterator[list[socket.socket]]:
    opened = listen("127.0.0.1", 0, 2)
    yield opened
    for listener in opened:
        listener.close()


def test_all_listen_on_one_address(listeners: list[socket.socket]) -> None:
    first, second = listeners

    assert first.getsockname() == second.getsockname()


def test_connections_are_spread_over_them(listeners: list[socket.socket]) -> None:
    address = listeners[0].getsockname()
    visitors = [socket.create_connection(address) for _ in range(64)]

    counts = [_accepted(listener) for listener in listeners]

    assert sum(counts) == 64
    assert min(counts) > 10
    for visitor in visitors:
        visitor.close()


def test_a_connection_waits_while_nobody_accepts(listeners: list[socket.socket]) -> None:
    visitors = [socket.create_connection(listeners[0].getsockname(), 5) for _ in range(1024)]

    assert sum(_accepted(listener) for listener in listeners) == 1024
    for visitor in visitors:
        visitor.close()


def test_a_port_that_another_program_shares_is_not_joined(listeners: list[socket.socket]) -> None:
    port = listeners[0].getsockname()[1]

    with pytest.raises(PortTaken, match=f"PORT={port + 1}"):
        listen("127.0.0.1", port, 2)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        pytest.param("192.0.2.1", 0, id="not an address of this machine"),
        pytest.param("no such host.invalid", 0, id="no address"),
        pytest.param("127.0.0.1", 65536, id="no port"),
    ],
)
def test_an_address_that_cannot_be_had_is_a_sentence(host: str, port: int) -> None:
    with pytest.raises(UpError, match=r"\.$"):
        listen(host, port, 1)


def _accepted(listener: socket.socket) -> int:
    count = 0
    while True:
        try:
            visitor, _ = listener.accept()
        except BlockingIOError:
            return count
        visitor.close()
        count += 1
