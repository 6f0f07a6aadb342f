"""Every fault by its name: what it does, to whom, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.chaos.nemesis.faults import broker, client, clock, postgres, sqlite, web, worker
from tests.chaos.nemesis.stage import Strike


@dataclass(frozen=True)
class Fault:
    """A kind of fault, of a group of which only one happens at a time."""

    group: str
    strike: Strike
    #: The shortest and the longest that it lasts, where that is for the plan to say.
    seconds: tuple[float, float] = (0.0, 0.0)
    #: How often it is planned, beside the others.
    weight: int = 1
    #: Whom it may be aimed at: the plan's name for them, the group's own if empty.
    targets: str = ""


COMMON: Mapping[str, Fault] = {
    "client reset": Fault("client", client.reset, weight=4),
    "client FIN": Fault("client", client.finish, weight=4),
    "client cut mid-frame": Fault("client", client.cut_mid_frame, weight=4),
    "client in a black hole": Fault("client", client.swallow, (10, 40), weight=2),
    "client on a slow line": Fault("client", client.slow, (5, 20), weight=2),
    "server killed": Fault("web", web.kill, (0.5, 3), weight=3),
    "server frozen": Fault("web", web.freeze, (4, 20), weight=2),
    "server drained": Fault("web", web.drain, weight=2),
    "Redis killed, empty after": Fault("redis", broker.kill_and_empty, (0.5, 5), weight=2),
    "Redis killed, with its file": Fault("redis", broker.kill, (0.5, 5), weight=2),
    "Redis flushed": Fault("redis", broker.flush, weight=2),
    "Redis frozen": Fault("redis", broker.freeze, (20, 20)),
    "Redis hangs up on listeners": Fault("redis", broker.hang_up, weight=2),
    "worker killed": Fault("worker", worker.kill, (0.5, 5), weight=2),
    "worker's child killed": Fault("worker", worker.kill_child, weight=3),
    "worker frozen past its leases": Fault("worker", worker.freeze, (35, 35)),
}
SQLITE: Mapping[str, Fault] = {
    "SQLite locked for 3 s": Fault("database", sqlite.lock, (3, 3), weight=2),
    "SQLite locked for 10 s": Fault("database", sqlite.lock, (10, 10)),
}
POSTGRES: Mapping[str, Fault] = {
    "PostgreSQL crashed": Fault("database", postgres.crash, (0.5, 5)),
    "PostgreSQL hangs up": Fault("database", postgres.hang_up, weight=2),
}
CLOCK: Mapping[str, Fault] = {
    "clock a day ahead": Fault("web", clock.ahead, (10, 20), targets="clock"),
    "clock a day behind": Fault("web", clock.behind, (10, 20), targets="clock"),
}
ALL: Mapping[str, Fault] = {**COMMON, **SQLITE, **POSTGRES, **CLOCK}


def faults_of(database: str, *, with_clock: bool) -> Mapping[str, Fault]:
    """Give the faults that a run with this kind of database can have."""
    own = SQLITE if database == "sqlite" else POSTGRES
    return {**COMMON, **own, **(CLOCK if with_clock else {})}
