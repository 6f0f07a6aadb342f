"""Who is here: a socket's entries in its process's books, all made and struck out together."""

from __future__ import annotations

from typing import Protocol

from realtime import admission, heart, protocol, roll_call
from realtime.errors import Disconnect


class Present(heart.Patient, roll_call.Member, Protocol):
    """A socket that is pinged, and that is called by its name."""


class Presence:
    """One socket's entries: counted for its address, then for its user, pinged and called."""

    __slots__ = ("_address", "_slot", "_socket")

    def __init__(self) -> None:
        self._address: str | None = None
        self._socket: Present | None = None
        self._slot = 0

    def arrive(self, address: str) -> None:
        """Count the socket for its peer's address; one too many is a Disconnect."""
        if not admission.local().admit_address(address):
            raise Disconnect(*protocol.TOO_MANY_REQUESTS)
        self._address = address

    def enter(self, socket: Present) -> None:
        """Count the socket for its user, who is proved; one too many is a Disconnect."""
        if not admission.local().admit_user(socket.who.user_id):
            raise Disconnect(*protocol.CONNECTION_LIMIT)
        self._socket, self._slot = socket, heart.local().add(socket)
        roll_call.local().members.add(socket)

    def leave(self) -> None:
        """Strike out what is written; harmless when nothing is."""
        if (socket := self._socket) is not None:
            self._socket = None
            heart.local().remove(socket, self._slot)
            roll_call.local().members.discard(socket)
            admission.local().release_user(socket.who.user_id)
        if (address := self._address) is not None:
            self._address = None
            admission.local().release_address(address)
