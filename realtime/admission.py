"""How many sockets a user, and an address, may hold in this process, and how fast they come.

The bounds are each process's own: a fleet of four admits four times as many. Counting over the
fleet would need a store that is always there and never forgets a process that died.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from ipaddress import IPv6Address, ip_address
from weakref import WeakKeyDictionary

from realtime.bucket import Bucket
from realtime.conf import limits

#: Addresses whose pace is remembered, the most recent ones; a forgotten one begins anew.
MAX_PACED = 4096
#: An IPv6 network of this many bits is one subscriber's, who may use any address of it.
_NETWORK_BITS = 64


class Admission:
    """The sockets of one event loop, counted; each that was admitted is released once."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._pace: OrderedDict[str, Bucket] = OrderedDict()
        self._loop = asyncio.get_running_loop()

    def admit_user(self, user_id: str) -> bool:
        """Count one more socket of a user, unless that is one too many."""
        return self._admit(f"user {user_id}", limits().max_sockets_per_user)

    def admit_address(self, address: str) -> bool:
        """Count one more socket from an address, unless it is one too many or comes too soon."""
        place, most = place_of(address), limits().max_sockets_per_address
        return self._is_paced(place) and self._admit(f"address {place}", most)

    def release_user(self, user_id: str) -> None:
        """Count one socket of a user less."""
        self._release(f"user {user_id}")

    def release_address(self, address: str) -> None:
        """Count one socket from an address less."""
        self._release(f"address {place_of(address)}")

    def __len__(self) -> int:
        """Count the users and addresses that hold any."""
        return len(self._held)

    def _admit(self, name: str, most: int) -> bool:
        if self._held.get(name, 0) >= most:
            return False
        self._held[name] += 1
        return True

    def _release(self, name: str) -> None:
        self._held[name] -= 1
        if self._held[name] <= 0:
            del self._held[name]

    def _is_paced(self, place: str) -> bool:
        bucket = self._pace.pop(place, None)
        if bucket is None:
            now = limits()
            bucket = Bucket(now.handshakes_per_second, now.burst_handshakes)
        self._pace[place] = bucket
        if len(self._pace) > MAX_PACED:
            self._pace.popitem(last=False)
        return bucket.take(1, self._loop.time())


def place_of(address: str) -> str:
    """Name what is counted as one address: an IPv4 address, or a network of IPv6."""
    if ":" not in address:
        return address
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS))


_admissions: WeakKeyDictionary[asyncio.AbstractEventLoop, Admission] = WeakKeyDictionary()


def local() -> Admission:
    """Give the running loop's admission, made at its first use."""
    loop = asyncio.get_running_loop()
    admission = _admissions.get(loop)
    if admission is None:
        admission = _admissions[loop] = Admission()
    return admission
