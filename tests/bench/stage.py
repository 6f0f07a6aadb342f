"""One side at work: its server, its sockets, and the rounds played on them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.bench import cpu
from tests.bench.driver import Driver
from tests.bench.lab import Lab
from tests.bench.side import Side

OUTSTANDING = 64
_SETTLE_SECONDS = 2.0
_IDLE_SECONDS = 4.0
_COUNTS = ("delivered", "lost", "doubled", "closed", "p50_ms", "p99_ms")


@dataclass(frozen=True, slots=True)
class Played:
    """What one round gave; CPU in µs per delivered message, the server's without its idling."""

    server_us: float
    client_us: float
    redis_us: float
    per_second: float
    top_per_second: float
    server_busy: float
    load_busy: float
    server_waited: float
    speed: float
    delivered: int
    lost: int
    doubled: int
    closed: int
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class Stage:
    """A side's server with sockets open, and how far its topics' numbers have come."""

    lab: Lab
    side: Side
    pid: int
    driver: Driver
    idle: float = 0.0
    _next: dict[bool, int] = field(default_factory=lambda: {False: 1, True: 1})

    def settle(self) -> None:
        """Let the sockets come to rest and measure the CPU per second that idling takes."""
        time.sleep(_SETTLE_SECONDS)
        rest = self.driver.order("rest", seconds=_IDLE_SECONDS)
        self.idle = rest["server"] / rest["seconds"]

    def memory_kib(self) -> int:
        """Read what the server keeps, once it is at rest."""
        time.sleep(_SETTLE_SECONDS)
        return cpu.private_kib(self.pid)

    def play(
        self, count: int, *, all_: bool, outstanding: int = 0, per_second: float = 0
    ) -> Played:
        """Play a round: ``count`` messages for everybody, or so many for each user."""
        numbers = range(self._next[all_], self._next[all_] + count)
        self._next[all_] = numbers.stop
        script = self.lab.folder / "script"
        self.side.write_script(self.lab, script, numbers, all_)
        speed = cpu.speed(self.lab.server_core)
        answer = self.driver.order(
            "play",
            script=str(script),
            first=numbers.start,
            all_=all_,
            outstanding=outstanding,
            per_second=per_second,
        )
        return self._played(answer, speed)

    def _played(self, answer: dict[str, Any], speed: float) -> Played:
        seconds, heard = answer["seconds"], max(1, answer["delivered"])
        return Played(
            server_us=(answer["server"] - self.idle * seconds) / heard * 1e6,
            client_us=answer["client"] / heard * 1e6,
            redis_us=answer["redis"] / heard * 1e6,
            per_second=heard / seconds,
            top_per_second=heard / seconds,
            server_busy=answer["server"] / seconds,
            load_busy=(answer["client"] + answer["redis"]) / seconds,
            server_waited=answer["waited"] / seconds,
            speed=speed,
            **{key: answer[key] for key in _COUNTS},
        )
