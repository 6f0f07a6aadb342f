"""Whether a run proves anything: faults that really hit, clients that really listened."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos import records
from tests.chaos.evidence import Run


def faults_in(run: Run) -> Iterator[str]:
    """Tell what was missing for the run to count. Green verdicts mean nothing then."""
    yield from _faults_of_nemesis(run)
    yield from _unanswered(run)
    needed = {
        "no job was accepted": run.accepted_at,
        "the reader found no jobs": run.reading.jobs,
        "the reader found no streams": run.reading.streams,
        "the sampler saw no job final": run.sightings,
        "nobody observed": run.witnesses,
    }
    yield from (reason for reason, found in needed.items() if not found)
    for witness in run.witnesses:
        if not witness.of(records.Connected):
            yield f"{witness.name} never connected"


def _unanswered(run: Run) -> Iterator[str]:
    answers = (records.Accepted, records.Refused, records.Unknown)
    answered = {r.mark for r in run.submissions if isinstance(r, answers)}
    for record in run.submissions:
        if isinstance(record, records.Invoke) and record.mark not in answered:
            yield f"the submitter stopped before {record.mark} was answered"


def _faults_of_nemesis(run: Run) -> Iterator[str]:
    planned = sum(r.count for r in run.nemesis if isinstance(r, records.Planned))
    begun = {r.n: r for r in run.nemesis if isinstance(r, records.Begin)}
    hits = {r.n for r in run.nemesis if isinstance(r, records.Hit) and r.evidence}
    ended = {r.n for r in run.nemesis if isinstance(r, records.Over)}
    if not planned:
        yield "no faults were planned"
    if len(hits) < planned:
        yield f"{len(hits)} of {planned} faults hit"
    for n, fault in begun.items():
        if n not in hits:
            yield f"{fault.fault} on {fault.target} (fault {n}) did not hit, or nothing shows it"
        if n not in ended:
            yield f"{fault.fault} on {fault.target} (fault {n}) has no end"
    if run.healed_at is None:
        yield "it was never healed"
    elif any(r.t > run.healed_at for r in begun.values()):
        yield "a fault began after all was healed"
