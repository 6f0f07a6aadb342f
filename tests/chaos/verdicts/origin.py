"""Phantom, foreign: what nobody should have heard, or not this client."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.evidence import Run, Witness
from tests.chaos.reading import LoggedEvent
from tests.chaos.records import Applied, Received, Topical, Update


def phantom(run: Run) -> Iterator[str]:
    """Tell of what a client received or applied though it was never committed so.

    The log has nothing at that place (in the history that it has now, above what it has
    forgotten), or has an event of another type or job there. An update, which is not kept, is
    a phantom where there is no such job. Whatever is foreign is not told of again.
    """
    for witness in run.witnesses:
        for found in dict.fromkeys(_phantoms(run, witness)):
            yield f"{witness.name} {found}"


def _phantoms(run: Run, witness: Witness) -> Iterator[str]:
    for record in witness.of(Topical):
        match record:
            case Received() | Applied() if not _is_foreign(run, witness, record):
                if not _is_committed(run, record):
                    yield f"had {record.type} at {record.topic} {record.offset}"
            case Update(job=job) if job not in run.jobs:
                yield f"was shown an update of the job {job}, which there is not"


def _is_committed(run: Run, record: Received | Applied) -> bool:
    stream = run.streams.get(record.topic)
    if stream is None:
        return False
    if record.epoch != stream.epoch or record.offset <= stream.floor:
        return True  # nothing is left to compare it with
    event = run.events.get((record.topic, record.offset))
    return event is not None and _is_same(event, record)


def _is_same(event: LoggedEvent, record: Received | Applied) -> bool:
    return (event.type, event.job or None) == (record.type, record.job or None)


def foreign(run: Run) -> Iterator[str]:
    """Tell of anything that a client was told of another user.

    A topic that is neither its own nor everybody's, a job whose row is another's, or such a
    job among those that it shows at the end.
    """
    for witness in run.witnesses:
        if witness.opened is None:
            continue
        told = [r for r in witness.of(Topical) if _is_foreign(run, witness, r)]
        yield from dict.fromkeys(
            f"{witness.name} was told of {getattr(record, 'job', None)} on {record.topic}"
            for record in told
        )
        shown = witness.end.jobs if witness.end else {}
        yield from (f"{witness.name} shows {job}" for job in shown if run.is_foreign(witness, job))


def _is_foreign(run: Run, witness: Witness, record: Topical) -> bool:
    job = getattr(record, "job", None)
    return not witness.may_hear(record.topic) or run.is_foreign(witness, job)
