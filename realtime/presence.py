"""Who is here: a socket's entries in its process's books, all made and struck out together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from realtime import admission, heart, protocol, roll_call
from realtime.conf import limits
from realtime.errors import Disconnect


class Present(heart.Patient, roll_call.Member, Protocol):
    """A socket that is pinged, and that is called by its name."""


class Presence:
    """One socket's entries: counted for its address, then for its user, pinged and called."""

    __slots__ = ("_address", "_expiry", "_slot", "_socket")

    def __init__(self) -> None:
        self._address: str | None = None
        self._socket: Present | None = None
        self._slot = 0
        self._expiry: asyncio.TimerHandle | None = None

    def arrive(self, peer: Sequence[Any] | None) -> None:
        """Count the socket for its peer's address; one too many is a Disconnect.

        ``peer`` is as in an ASGI scope. Who comes through a Unix socket has none.
        """
        if peer is not None:
            address = str(peer[0])
            if not admission.local().admit_address(address):
                raise Disconnect(*protocol.TOO_MANY_REQUESTS)
            self._address = address

    def enter(self, socket: Present, ttl: int) -> None:
        """Count the socket for its user, who is proved; one too many is a Disconnect.

        ``ttl`` is the time in seconds that its token has left; 0 where nothing expires.
        """
        if not admission.local().admit_user(socket.who.user_id):
            raise Disconnect(*protocol.CONNECTION_LIMIT)
        self._socket, self._slot = socket, heart.local().add(socket)
        roll_call.local().members.add(socket)
        if ttl:
            self.prolong(ttl)

    def prolong(self, ttl: int) -> None:
        """End the socket so many seconds from now, and a grace, if no fresh token comes."""
        if self._expiry is not None:
            self._expiry.cancel()
        if self._socket is not None:
            loop, grace = asyncio.get_running_loop(), limits().expiry_grace_seconds
            self._expiry = loop.call_later(ttl + grace, self._socket.end, *protocol.EXPIRED)

    def leave(self) -> None:
        """Strike out what is written; harmless when nothing is."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if (socket := self._socket) is not None:
            self._socket = None
            heart.local().remove(socket, self._slot)
            roll_call.local().members.discard(socket)
            admission.local().release_user(socket.who.user_id)
        if (address := self._address) is not None:
            self._address = None
            admission.local().release_address(address)
