"""The listening sockets: one per Daphne, all on one address, kept open for their whole life.

The kernel spreads new connections over the sockets (SO_REUSEPORT). Since the supervisor keeps
each socket open, those that arrive while a Daphne is started again wait in its queue.
"""

from __future__ import annotations

import errno
import socket

from project.up.errors import PortTaken, UpError

BACKLOG = 2048
LAST_PORT = 65535


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Open ``count`` sockets on one address; port 0 means any free one.

    Raises PortTaken when another program has the address, UpError when it is not ours to have.
    """
    if port > LAST_PORT:
        raise UpError(f"PORT is {port}; the last one there is is {LAST_PORT}.")
    family, address = _resolve(host, port)
    try:
        port = _reserve(family, address)
        return [_listening(family, (address[0], port)) for _ in range(count)]
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"Port {port} of {host} is taken by another program; "
                f"stop it, or choose another: PORT={port + 1} make run."
            ) from error
        raise UpError(f"Cannot listen on {host} port {port}: {error.strerror}.") from error


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise UpError(f"BIND is {host!r}, which is no address of this machine.") from error
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]))


def _reserve(family: socket.AddressFamily, address: tuple[str, int]) -> int:
    """Bind once WITHOUT SO_REUSEPORT.

    With it, a second platform's bind would succeed and silently take half of the connections.
    """
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
        return int(probe.getsockname()[1])


def _listening(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(address)
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener
