"""The benchmark's two tables, in Markdown: what was found, and how each round ran."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.delivery import Findings
from tests.bench.stage import OUTSTANDING

_NOTHING = "-"
#: Of the round's time; the last is the core's speed before it, beside the run's fastest.
_SHARES = ("server busy", "waited", "load busy", "core speed")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the first table: how it is read, printed, and which way is better."""

    key: str
    title: str
    read: Callable[[Findings], float | None]
    form: str = "{:.1f}"
    more_is_better: bool = False


def _of_round(row: str, name: str) -> Callable[[Findings], float | None]:
    return lambda found: getattr(found.rounds[row], name) if row in found.rounds else None


def _value(name: str) -> Callable[[Findings], float | None]:
    return lambda found: found.values.get(name)


def _full(workers: str, end: str = "") -> Callable[[Findings], float | None]:
    """Read a figure of the side's leanest way with SQLite's FULL."""
    return _either(f"{workers} FULL quiet{end}", f"{workers} FULL telling{end}")


def _either(*names: str) -> Callable[[Findings], float | None]:
    return lambda found: next((found.values[n] for n in names if n in found.values), None)


ROWS = (
    Row("one", "one user's message, saturated, server CPU µs", _of_round("one", "server_us")),
    Row("all", "to everybody, saturated, server CPU µs per socket", _of_round("all", "server_us")),
    Row(
        "all paced",
        "to everybody, 5/s, server CPU µs per socket",
        _of_round("all paced", "server_us"),
    ),
    Row(
        "one paced",
        "one user's message, 100/s, server CPU µs",
        _of_round("one paced", "server_us"),
        "{:.0f}",
    ),
    Row("publish", "publish from a worker, wall µs a call", _value("publish wall"), "{:.0f}"),
    Row("publish", "the same, CPU µs of the worker", _value("publish cpu"), "{:.0f}"),
    Row("publish", "an event in its own transaction, wall µs", _value("publish event"), "{:.0f}"),
    Row("memory", "memory per idle, logged-in socket, KiB", _value("memory")),
    Row("memory", "the same, hearing everybody's topic too, KiB", _value("memory joined")),
    Row("connects", "sockets/s until the connect reply", _value("connects"), "{:.0f}", True),
    Row("connects", "server CPU of one connect, µs", _value("connect us"), "{:.0f}"),
    Row("one paced", "delivery at 100/s, p50 ms", _of_round("one paced", "p50_ms"), "{:.2f}"),
    Row("one paced", "delivery at 100/s, p99 ms", _of_round("one paced", "p99_ms"), "{:.2f}"),
    Row("jobs", "jobs/s, SQLite synchronous=NORMAL", _value("1 NORMAL quiet"), "{:.0f}", True),
    Row("jobs", "jobs/s, SQLite synchronous=FULL", _full("1"), "{:.0f}", True),
    Row("jobs", "jobs/s, FULL, telling the browser", _value("1 FULL telling"), "{:.0f}", True),
    Row("jobs", "jobs/s, FULL, two workers", _full("2"), "{:.0f}", True),
    Row("jobs", "jobs/s, telling, two workers", _value("2 FULL telling"), "{:.0f}", True),
    Row("jobs", "CPU of one job, FULL, ms", _full("1", " cpu"), "{:.2f}"),
    Row("jobs", "of it the worker's main process", _full("1", " main"), "{:.2f}"),
    Row("jobs", "of it the process that runs it", _full("1", " child"), "{:.2f}"),
    Row("jobs", "CPU of one job, telling, ms", _value("1 FULL telling cpu"), "{:.2f}"),
    Row("start", "enqueue to start, idle worker, p50 ms", _value("pace p50")),
    Row("start", "enqueue to start, idle worker, p99 ms", _value("pace p99")),
    Row("start", "the call of it, p50 ms", _value("pace call")),
    Row("start", "the same, recorded first, p50 ms", _either("pace_recorded p50", "pace p50")),
    Row("start", "the same, recorded first, p99 ms", _either("pace_recorded p99", "pace p99")),
    Row("start", "one bare commit on this disk meanwhile, p50 ms", _value("commit")),
    Row("enqueue", "jobs recorded and sent, calls/s", _value("enqueue"), "{:.0f}", True),
    Row("enqueue", "the same, CPU µs of a call", _value("enqueue cpu"), "{:.0f}"),
    Row("enqueue", "jobs sent without a row, calls/s", _value("enqueue bare"), "{:.0f}", True),
    Row("enqueue", "jobs asked for over HTTP, one web process, /s", _value("post"), "{:.0f}", True),
    Row("enqueue", "the same, server CPU µs of a request", _value("post cpu"), "{:.0f}"),
    Row("lease", "jobs/s, leases kept", _value("leased"), "{:.0f}", True),
    Row("lease", "jobs/s, leases never renewed", _value("unleased"), "{:.0f}", True),
    Row("lease", "CPU of one job, leases kept, ms", _value("leased cpu"), "{:.2f}"),
    Row("lease", "CPU of one job, never renewed, ms", _value("unleased cpu"), "{:.2f}"),
    Row("lease", "renewing the lease of one attempt, wall µs", _value("renew 1"), "{:.0f}"),
    Row("lease", "renewing those of 64 at once, wall µs", _value("renew 64"), "{:.0f}"),
    Row("lease", "looking whether one is to stop, wall µs", _value("look 1"), "{:.0f}"),
)


def machine() -> str:
    """Say what this ran on."""
    cpuinfo = Path("/proc/cpuinfo").read_text()
    models = [line.split(":")[1].strip() for line in cpuinfo.split("\n") if "model name" in line]
    model = models[0] if models else platform.machine()
    kernel = platform.release().split("-")[0]
    python = platform.python_version()
    return f"{model}, {os.cpu_count()} cores, Linux {kernel}, Python {python}"


def findings_table(sides: Sequence[Findings]) -> str:
    """Print every row that has a figure; the ratio is the tutorial's to ours."""
    named = {found.side: found for found in sides}
    lines = [
        f"| | {' | '.join(named)} | times better |",
        f"|---|{'---|' * len(named)}---|",
    ]
    for row in ROWS:
        values = {name: row.read(found) for name, found in named.items()}
        if any(value is not None for value in values.values()):
            cells = [row.form.format(v) if v is not None else _NOTHING for v in values.values()]
            ratio = _ratio(row, values.get("tutorial"), values.get("Bellwire"))
            lines.append(f"| {row.title} | {' | '.join(cells)} | {ratio} |")
    return "\n".join(lines)


def _ratio(row: Row, theirs: float | None, ours: float | None) -> str:
    if not theirs or not ours:
        return _NOTHING
    return f"{ours / theirs if row.more_is_better else theirs / ours:.1f}"


def rounds_table(sides: Sequence[Findings]) -> str:
    """Print how each round ran: who was busy, and whether all arrived once."""
    names = ["round", "side", "deliveries", "/s", *_SHARES, "lost", "double", "closed"]
    return "\n".join([f"| {' | '.join(names)} |", "|---" * len(names) + "|", *_rounds(sides)])


def _rounds(sides: Sequence[Findings]) -> Iterator[str]:
    fastest = max((ran.speed for found in sides for ran in found.rounds.values()), default=1.0)
    for found in sides:
        for row, ran in found.rounds.items():
            shares = [ran.server_busy, ran.server_waited, ran.load_busy, ran.speed / fastest]
            cells = [
                row,
                found.side,
                f"{ran.delivered:,}",
                f"{ran.per_second:,.0f}",
                *(f"{share:.0%}" for share in shares),
                *map(str, (ran.lost, ran.doubled, ran.closed)),
            ]
            yield f"| {' | '.join(cells)} |"


def ceiling(sides: Sequence[Findings]) -> Iterator[str]:
    """Say, for each saturated row, how far above ours the load can go."""
    named = {found.side: found for found in sides}
    for row in ("one", "all"):
        floor = named["floor"].rounds.get(row) if "floor" in named else None
        for name in ("tutorial", "Bellwire"):
            if floor and name in named and (ran := named[name].rounds.get(row)):
                yield (
                    f"{row}: the same load drove the bare server at {floor.top_per_second:,.0f}/s, "
                    f"{floor.top_per_second / ran.top_per_second:.1f} times {name}'s rate "
                    f"({OUTSTANDING} outstanding)."
                )
