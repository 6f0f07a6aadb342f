"""What a person would see on the page of an observing client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.chaos.reading import FINAL_STATES

Message = Mapping[str, Any]


class Screen:
    """The jobs that a person would see, each in its state."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self._newest: dict[str, tuple[int, int]] = {}

    def show(self, jobs: Iterable[Message]) -> None:
        """Show what was read, and nothing else."""
        self.states = {job["id"]: job["state"] for job in jobs}

    def happened(self, job: Message) -> None:
        """Show what an event says; what has ended stays as it ended."""
        if self.states.get(job["id"]) not in FINAL_STATES:
            self.states[job["id"]] = job["state"]
            self._newest[job["id"]] = max((job["attempt"], 0), self._newest.get(job["id"], (0, 0)))

    def progressed(self, job: Message, n: int) -> bool:
        """Show an update if it is newer than what is shown, and say whether it was."""
        mark = (job["attempt"], n)
        known = self.states.get(job["id"])
        if known in FINAL_STATES or mark <= self._newest.get(job["id"], (0, 0)):
            return False
        self._newest[job["id"]], self.states[job["id"]] = mark, job["state"]
        return True
