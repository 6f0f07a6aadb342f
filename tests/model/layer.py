"""A channel layer in memory, whose messages meet the fate that they are dealt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

#: How late a late message is, at most: within a gap's pause, past it, past much else.
LATE_SECONDS = (0.02, 0.2, 4.0)
#: How long Redis takes to confirm, at most.
CONFIRM_SECONDS = 0.02
FATES = ("arrives", "is lost", "comes late", "comes twice")


class MemoryLayer:
    """One process's end of the layer: what ``realtime.hub`` needs of one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, dice: Random) -> None:
        self._loop, self._dice = loop, dice
        self._deliver: Callable[[bytes], None]
        self._groups: set[str] = set()
        self._hooks: list[Callable[[], None]] = []
        #: What may become of each message from now on.
        self.fates: tuple[str, ...] = FATES[:1]

    def here(self) -> MemoryLayer:
        return self

    async def open_channel(self, deliver: Callable[[bytes], None]) -> str:
        self._deliver = deliver
        return "channel"

    async def group_add(self, group: str, channel: str) -> None:
        # In force at once, or only when it is confirmed: both are so.
        if self._dice.random() < 0.5:
            self._groups.add(group)
        await asyncio.sleep(self._dice.uniform(0, CONFIRM_SECONDS))
        self._groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self._groups.discard(group)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        self._deliver(msgspec.msgpack.encode(message))

    def on_reconnect_call(self, hook: Callable[[], None]) -> None:
        self._hooks.append(hook)

    def reconnect(self) -> None:
        """Be back after a while in which messages may have been missed."""
        for hook in self._hooks:
            hook()

    def publish(self, group: str, message: bytes) -> None:
        """Carry a message to this process, if it is in the group now."""
        if group not in self._groups:
            return
        match self._dice.choice(self.fates):
            case "arrives":
                self._loop.call_soon(self._deliver, message)
            case "comes late":
                self._deliver_late(message)
            case "comes twice":
                self._loop.call_soon(self._deliver, message)
                self._deliver_late(message)

    def _deliver_late(self, message: bytes) -> None:
        seconds = self._dice.uniform(0, self._dice.choice(LATE_SECONDS))
        self._loop.call_later(seconds, self._deliver, message)
