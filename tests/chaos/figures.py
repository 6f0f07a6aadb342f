"""What a run consisted of, in numbers, and what no violation among so many means."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tests.chaos import records
from tests.chaos.evidence import Run
from tests.chaos.verdicts.delivery import courses

#: A latency outside of these bounds, in seconds, was measured with a clock that somebody moved.
PLAUSIBLE_SECONDS = (-1.0, 600.0)


def figures_of(run: Run) -> dict[str, Any]:
    """Give a run's counts by name; times are seconds.

    ``deliveries`` are events applied, one per event and client; with no violation among n of
    them the share that goes wrong is, with 95 % confidence, at most 3/n: ``upper_bound``.
    Latency is from the event's own time, written inside the transaction, to its applying. It
    is null where no client says how its clocks stand to each other, and samples that no
    honest clock could give are left out and counted.
    """
    applied = sum(len(witness.of(records.Applied)) for witness in run.witnesses)
    return {
        **_clients(run),
        "events": len(run.reading.events),
        "deliveries": applied,
        "upper_bound": 3 / applied if applied else None,
        **_latency(run),
        **_jobs(run),
        **_faults(run),
    }


def _clients(run: Run) -> dict[str, Any]:
    witnesses = run.witnesses
    connected = [r for witness in witnesses for r in witness.of(records.Connected)]
    asked = [r for r in connected if r.asked is not None]
    return {
        "clients": dict(Counter(w.opened.kind for w in witnesses if w.opened)),
        "closed_for_good": sum(witness.closed is not None for witness in witnesses),
        "connections": len(connected),
        "recovered": sum(r.recovered for r in asked),
        "not_recovered": sum(not r.recovered for r in asked),
        "state_reads": sum(len(course.reloads) for _, _, course in courses(run)),
        "updates": sum(len(witness.of(records.Update)) for witness in witnesses),
    }


def _jobs(run: Run) -> dict[str, Any]:
    submitted = Counter(str(r.__struct_config__.tag) for r in run.submissions)
    started = Counter(r.job for r in run.ledger if isinstance(r, records.Started))
    finished = Counter(r.job for r in run.ledger if isinstance(r, records.Finished))
    return {
        "submissions": {op: submitted[op] for op in ("invoke", "ok", "refused", "unknown")},
        "accepted_in_doubt": _accepted_in_doubt(run),
        "jobs": dict(Counter(job.state for job in run.reading.jobs)),
        "run_more_than_once": sum(count > 1 for count in started.values()),
        "finished_more_than_once": sum(count > 1 for count in finished.values()),
    }


def _accepted_in_doubt(run: Run) -> int:
    """Count the jobs that exist though their submitter was told no, or nothing."""
    marks = {r.mark for r in run.submissions if isinstance(r, records.Refused | records.Unknown)}
    return sum(job.arguments.get("mark") in marks for job in run.reading.jobs)


def _faults(run: Run) -> dict[str, Any]:
    planned = [r for r in run.nemesis if isinstance(r, records.Planned)]
    begun = [r.fault for r in run.nemesis if isinstance(r, records.Begin)]
    return {
        "seeds": [r.seed for r in planned],
        "faults_planned": sum(r.count for r in planned),
        "faults_hit": len({r.n for r in run.nemesis if isinstance(r, records.Hit) and r.evidence}),
        "faults": dict(Counter(begun)),
    }


def _latency(run: Run) -> dict[str, Any]:
    offset = next(_clock_offsets(run), None)
    if offset is None:
        return {"latency": None}
    low, high = PLAUSIBLE_SECONDS
    measured = list(_delays(run, offset))
    samples = sorted(delay for delay in measured if low < delay < high)
    return {
        "latency": {
            "samples": len(samples),
            "left_out": len(measured) - len(samples),
            **{f"p{share}": quantile(samples, share / 100) for share in (50, 99)},
            "max": samples[-1] if samples else None,
        }
    }


def _clock_offsets(run: Run) -> Iterator[float]:
    """Give how far the wall clock is ahead of the monotonic one: one machine, so one number."""
    for witness in run.witnesses:
        if witness.opened and witness.opened.wall is not None:
            yield witness.opened.wall - witness.opened.t


def _delays(run: Run, offset: float) -> Iterator[float]:
    for witness in run.witnesses:
        for record in witness.of(records.Applied):
            if record.at:
                yield record.t + offset - datetime.fromisoformat(record.at).timestamp()


def quantile(samples: Iterable[float], share: float) -> float | None:
    """Give the value that ``share`` of the sorted samples do not exceed; None of none."""
    values = list(samples)
    return values[max(0, math.ceil(share * len(values)) - 1)] if values else None
