"""How many sockets a user, and an address, may hold in this process.

The bounds are each process's own: a fleet of four admits four times as many. Counting over the
fleet would need a store that is always there and never forgets a process that died.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from weakref import WeakKeyDictionary

from realtime.conf import limits


class Admission:
    """The sockets of one event loop, counted; each that was admitted is released once."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    def admit_user(self, user_id: str) -> bool:
        """Count one more socket of a user, unless that is one too many."""
        return self._admit(f"user {user_id}", limits().max_sockets_per_user)

    def admit_address(self, address: str) -> bool:
        """Count one more socket from an address, unless that is one too many."""
        return self._admit(f"address {address}", limits().max_sockets_per_address)

    def release_user(self, user_id: str) -> None:
        """Count one socket of a user less."""
        self._release(f"user {user_id}")

    def release_address(self, address: str) -> None:
        """Count one socket from an address less."""
        self._release(f"address {address}")

    def __len__(self) -> int:
        """Count the users and addresses that hold any."""
        return len(self._held)

    def _admit(self, name: str, most: int) -> bool:
        if self._held[name] >= most:
            return False
        self._held[name] += 1
        return True

    def _release(self, name: str) -> None:
        self._held[name] -= 1
        if self._held[name] <= 0:
            del self._held[name]


_admissions: WeakKeyDictionary[asyncio.AbstractEventLoop, Admission] = WeakKeyDictionary()


def local() -> Admission:
    """Give the running loop's admission, made at its first use."""
    return _admissions.setdefault(asyncio.get_running_loop(), Admission())
