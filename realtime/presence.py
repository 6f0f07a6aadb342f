"""Who is here: a guest's entries in its process's books, all made and struck out together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from realtime import admission, heart, protocol, roll_call
from realtime.conf import limits
from realtime.errors import Disconnect


class Present(heart.Patient, roll_call.Member, Protocol):
    """A socket or a stream that is pinged, and that is called by its name."""


class Presence:
    """One guest's entries: counted for its address, then for its user, pinged and called."""

    __slots__ = ("_address", "_expiry", "_guest", "_heart", "_slot")

    def __init__(self) -> None:
        self._address: str | None = None
        self._guest: Present | None = None
        self._heart: heart.Heart | None = None
        self._slot = 0
        self._expiry: asyncio.TimerHandle | None = None

    def arrive(self, peer: Sequence[Any] | None) -> None:
        """Count the guest for its peer's address; one too many is a Disconnect.

        ``peer`` is as in an ASGI scope. Who comes through a Unix socket has none.
        """
        if peer is not None:
            address = str(peer[0])
            if not admission.local().admit_address(address):
                raise Disconnect(*protocol.TOO_MANY_REQUESTS)
            self._address = address

    def enter(self, guest: Present, ttl: int, every: int = 0) -> None:
        """Count the guest for its user, who is proved; one too many is a Disconnect.

        ``ttl`` is the time in seconds that its token has left; 0 where nothing expires.
        ``every`` is as in ``heart.local``.
        """
        if not admission.local().admit_user(guest.who.user_id):
            raise Disconnect(*protocol.CONNECTION_LIMIT)
        self._guest, self._heart = guest, heart.local(every)
        self._slot = self._heart.add(guest)
        roll_call.local().members.add(guest)
        if ttl:
            self.prolong(ttl)

    def prolong(self, ttl: int) -> None:
        """End the guest so many seconds from now, and a grace, if no fresh token comes."""
        self.expire(ttl + limits().expiry_grace_seconds)

    def expire(self, seconds: float) -> None:
        """End the guest so many seconds from now."""
        if self._expiry is not None:
            self._expiry.cancel()
        if self._guest is not None:
            loop = asyncio.get_running_loop()
            self._expiry = loop.call_later(seconds, self._guest.end, *protocol.EXPIRED)

    def leave(self) -> None:
        """Strike out what is written; harmless when nothing is."""
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        if (guest := self._guest) is not None and self._heart is not None:
            self._guest = None
            self._heart.remove(guest, self._slot)
            roll_call.local().members.discard(guest)
            admission.local().release_user(guest.who.user_id)
        if (address := self._address) is not None:
            self._address = None
            admission.local().release_address(address)
