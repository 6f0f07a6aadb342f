"""What a worker tells staff of itself, from its main process: what its children run."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from realtime.operations import Report
from realtime.operations_reporter import EVERY_SECONDS
from tasks.board import Board, Entry

#: So many of what runs are told, those that have run longest.
MAX_RUNNING = 20
_LOOKS = int(60 / EVERY_SECONDS)


class Pace:
    """How fast a count rises, per minute over the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looks: deque[tuple[float, int]] = deque(maxlen=_LOOKS)

    def look(self, count: int) -> float:
        """Give the pace; to be called at a steady one."""
        now = self._clock()
        then, before = self._looks[0] if self._looks else (now, count)
        self._looks.append((now, count))
        return round((count - before) * 60 / (now - then), 1) if now > then else 0.0


class WorkerProcess:
    """One worker; ``children`` counts the processes, or threads, that run jobs."""

    def __init__(
        self, name: str, queues: Iterable[str], board: Board, children: Callable[[], int]
    ) -> None:
        self._name, self._queues, self._board = name, sorted(queues), board
        self._children = children
        self._settled = Pace()

    def look(self) -> list[Report]:
        """Give this worker's one report."""
        running = sorted(self._board.entries(), key=lambda entry: entry.began)
        body = {
            "worker": self._name,
            "queues": self._queues,
            "children": self._children(),
            "running_count": len(running),
            "running": [_described(entry) for entry in running[:MAX_RUNNING]],
            "settled_per_minute": self._settled.look(self._board.ended),
        }
        return [Report(f"worker:{self._name}", "ops.worker", body, frozenset({"running"}))]


def _described(entry: Entry) -> dict[str, Any]:
    seconds = max(0.0, time.monotonic() - entry.began)
    return {"job": str(entry.job_id), "kind": entry.kind, "seconds": round(seconds, 1)}
