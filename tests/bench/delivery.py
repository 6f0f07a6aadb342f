"""The rows about sockets: what connecting, keeping and telling them costs one side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from tests.bench.driver import Driver
from tests.bench.lab import Lab
from tests.bench.side import Side
from tests.bench.stage import OUTSTANDING, Played, Stage

#: Opened before memory and speed are taken, so that what is made once does not count.
_FIRST_SOCKETS = 0.1
PER_SECOND = 100.0
BROADCASTS_PER_SECOND = 5.0
#: The tutorial falls behind at that pace, and each second takes it three.
_BROADCASTS = 30


@dataclass(slots=True)
class Findings:
    """One side's figures: by the row's name, and each round as it was played."""

    side: str
    values: dict[str, float] = field(default_factory=dict)
    rounds: dict[str, Played] = field(default_factory=dict)


def measure(lab: Lab, side: Side, wanted: Callable[[str], bool]) -> Findings:
    """Start one side, measure every wanted row of it, and stop it."""
    findings = Findings(side.name)
    with _staged(lab, side, findings) as stage:
        for row, play in _ROUNDS.items():
            if wanted(row):
                findings.rounds[row] = play(stage)
    if wanted("publish"):
        for name, value in side.publish_cost(lab, lab.scale.calls).items():
            findings.values[f"publish {name}"] = value
    return findings


@contextmanager
def _staged(lab: Lab, side: Side, findings: Findings) -> Iterator[Stage]:
    server = side.start(lab)
    driver = Driver(lab, server.child.pid)
    stage = Stage(lab, side, server.child.pid, driver)
    try:
        driver.order(
            "meet",
            redis_port=lab.redis_port,
            url=server.url,
            origin=server.origin,
            marker=side.marker,
            cookies=server.cookies,
        )
        _open(stage, findings)
        yield stage
    finally:
        driver.stop()
        server.child.stop()


def _open(stage: Stage, findings: Findings) -> None:
    sockets = stage.lab.scale.sockets
    first = int(sockets * _FIRST_SOCKETS)
    rest = sockets - first
    stage.driver.order("open", count=first, hello=stage.side.hello)
    before = stage.memory_kib()
    opened = stage.driver.order("open", count=rest, hello=stage.side.hello)
    findings.values["connects"] = rest / opened["seconds"]
    findings.values["connect us"] = opened["server"] / rest * 1e6
    findings.values["connect busy"] = opened["server"] / opened["seconds"]
    findings.values["memory"] = (stage.memory_kib() - before) / rest
    if stage.side.join:
        stage.driver.order("say", text=stage.side.join)
        findings.values["memory joined"] = (stage.memory_kib() - before) / rest
    stage.settle()
    findings.values["idle"] = stage.idle * 100
    for all_ in (False, True):  # the first messages fill caches
        stage.play(2, all_=all_, outstanding=OUTSTANDING)


def _saturated(stage: Stage) -> Played:
    scale = stage.lab.scale
    each = max(1, scale.messages * stage.side.pace // scale.sockets)
    return _median(stage, each, all_=False)


def _saturated_all(stage: Stage) -> Played:
    count = stage.lab.scale.broadcasts * max(1, stage.side.pace // 2)
    return _median(stage, count, all_=True)


def _median(stage: Stage, count: int, *, all_: bool) -> Played:
    repeats = 3 if stage.side.pace > 1 else 1
    rounds = [stage.play(count, all_=all_, outstanding=OUTSTANDING) for _ in range(repeats)]
    middle = sorted(rounds, key=lambda played: played.server_us)[repeats // 2]
    return replace(middle, top_per_second=max(played.per_second for played in rounds))


def _paced(stage: Stage) -> Played:
    scale = stage.lab.scale
    each = max(1, round(scale.paced_seconds * PER_SECOND / scale.sockets))
    return stage.play(each, all_=False, per_second=PER_SECOND)


def _paced_all(stage: Stage) -> Played:
    return stage.play(_BROADCASTS, all_=True, per_second=BROADCASTS_PER_SECOND)


_ROUNDS: dict[str, Callable[[Stage], Played]] = {
    "one": _saturated,
    "all": _saturated_all,
    "one paced": _paced,
    "all paced": _paced_all,
}
