"""Listening sockets: inherited ones, ones that are bound here, and the private one."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

#: A reconnecting crowd must fit in; the kernel cuts it to net.core.somaxconn.
BACKLOG = 4096


class Listeners(NamedTuple):
    """Listening sockets that do not block.

    On a shared one a successor listens already when this process is told to leave.
    """

    shared: Sequence[socket.socket]
    own: Sequence[socket.socket]


class CannotListen(Exception):
    """There is nothing to listen on."""


def inherited(fd: int) -> socket.socket:
    """Take over a listening socket that the parent opened; its backlog is the parent's."""
    try:
        listener = socket.socket(fileno=fd)
        is_listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise CannotListen(f"File descriptor {fd} is no socket: {error}.") from error
    if not is_listening:
        listener.close()
        raise CannotListen(f"File descriptor {fd} does not listen.")
    os.set_inheritable(fd, False)
    listener.setblocking(False)
    return listener


def bound(address: str) -> socket.socket:
    """Bind ``HOST:PORT`` and listen; an IPv6 host stands in brackets."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), int(port)))
        listener.listen(BACKLOG)
    except (OSError, ValueError, OverflowError) as error:
        listener.close()
        raise CannotListen(f"Cannot listen on {address}: {error}.") from error
    listener.setblocking(False)
    return listener


def listen_privately(reactor: Any, path: Path, site: Any) -> Any:
    """Listen on a unix socket that only this user may open; a dead one there is replaced."""
    if _is_dead(path):
        path.unlink(missing_ok=True)
    # Twisted sets the mode only after binding: the mask leaves no moment in between.
    mask = os.umask(0o177)
    try:
        return reactor.listenUNIX(str(path), site, mode=0o600)
    except Exception as error:
        raise CannotListen(f"Cannot listen on {path}: {error}.") from error
    finally:
        os.umask(mask)


def _is_dead(path: Path) -> bool:
    try:
        if not stat.S_ISSOCK(path.stat().st_mode):
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(path))
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False
