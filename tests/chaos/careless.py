"""A seeded bug of a client: it keeps no position, and goes on from wherever it comes in again."""

from __future__ import annotations

from collections.abc import Sequence

from tests.chaos.client import Client, Message


class CarelessClient(Client):
    """Comes back without saying where it was, and does not ask what it missed."""

    def greet(self) -> Sequence[Message]:
        super().greet()
        return [{"id": 1, "connect": {"name": "observer"}}]

    def _subscribed(self, topic: str, reply: Message) -> None:
        was_here = topic in self._ears and self._ears[topic].place is not None
        super()._subscribed(topic, reply)
        ear = self._ears[topic]
        if was_here and ear.reading is not None:
            ear.place, ear.reading = ear.reading, None
