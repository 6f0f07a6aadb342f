"""Sockets that a server listens on."""

from __future__ import annotations

import os
import socket

import pytest

from realtime.server.listen import CannotListen, bound, inherited


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("nowhere", id="no port"),
        pytest.param("127.0.0.1:http", id="a port by name"),
        pytest.param("192.0.2.1:0", id="another machine's address"),
        pytest.param("127.0.0.1:99999", id="no such port"),
    ],
)
def test_an_impossible_address_is_a_sentence(address):
    with pytest.raises(CannotListen, match=f"^Cannot listen on {address}: "):
        bound(address)


def test_a_bound_socket_listens():
    with bound("127.0.0.1:0") as listener, socket.create_connection(listener.getsockname()) as peer:
        accepted, address = listener.accept()
        accepted.close()

        assert address == peer.getsockname()


def test_what_does_not_listen_is_not_inherited():
    with socket.socket() as idle, pytest.raises(CannotListen, match="does not listen"):
        inherited(os.dup(idle.fileno()))


def test_an_inherited_socket_is_not_passed_on():
    with socket.create_server(("127.0.0.1", 0)) as parents:
        fd = os.dup(parents.fileno())
        os.set_inheritable(fd, True)

        with inherited(fd) as listener:
            assert (listener.get_inheritable(), listener.getblocking()) == (False, False)
