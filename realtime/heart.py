"""Liveness of all sockets of a process by one timer: pings and pongs; of all streams by another.

A timer a socket would cost memory and wake-ups by the thousand. Instead the ping interval is
a wheel of one-second slots; a socket lives in one slot, chosen at random, so that pings are
spread. Other traffic does not stand in for a pong.
"""

from __future__ import annotations

import asyncio
import random
from typing import Protocol
from weakref import WeakKeyDictionary

from realtime.conf import Limits, limits


class Patient(Protocol):
    """A socket as the heart sees it."""

    def ping(self) -> None:
        """Write a ping, and expect a pong."""

    def check_pong(self) -> None:
        """Close if the pong to the last ping is missing."""


class Heart:
    """Beats once a second; of ``every`` slots, or ``ping_seconds``, one is pinged, one checked."""

    def __init__(self, limits: Limits, every: int = 0) -> None:
        slots = every or limits.ping_seconds
        self._slots: list[set[Patient]] = [set() for _ in range(slots)]
        self._lag = limits.pong_seconds
        self._now = 0
        self._loop = asyncio.get_running_loop()
        self._beats = self._loop.call_later(1, self.beat)

    def add(self, patient: Patient) -> int:
        """Take a socket in; its first ping comes in the second half of the interval."""
        half = len(self._slots) // 2
        slot = (self._now + random.randint(half, len(self._slots) - 1)) % len(self._slots)  # noqa: S311
        self._slots[slot].add(patient)
        return slot

    def remove(self, patient: Patient, slot: int) -> None:
        """Let a socket go."""
        self._slots[slot].discard(patient)

    def beat(self) -> None:
        """Check those who were pinged ``pong_seconds`` ago, ping those whose turn it is."""
        self._beats = self._loop.call_later(1, self.beat)
        self._now = (self._now + 1) % len(self._slots)
        for patient in list(self._slots[(self._now - self._lag) % len(self._slots)]):
            patient.check_pong()
        for patient in list(self._slots[self._now]):
            patient.ping()


_hearts: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Heart]] = WeakKeyDictionary()


def local(every: int = 0) -> Heart:
    """Give the running loop's heart of this interval, made at its first use; 0 for sockets'."""
    hearts = _hearts.setdefault(asyncio.get_running_loop(), {})
    heart = hearts.get(every)
    if heart is None:
        heart = hearts[every] = Heart(limits(), every)
    return heart
