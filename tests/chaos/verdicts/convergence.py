"""Not converged: what was not as it should be, 45 s after the last fault."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos import records
from tests.chaos.evidence import Run, Witness
from tests.chaos.reading import JobRow, topic_of
from tests.chaos.records import End

CONVERGENCE_SECONDS = 45.0
#: The sampler looks about once a second, and may itself have to wait for the database.
SAMPLER_SECONDS = 5.0


def not_converged(run: Run) -> Iterator[str]:
    """Tell of jobs and clients that did not come to where they belong.

    A job is not final at the end; or was first seen so (5 s being the sampler's) more than
    45 s after the last of: all was healed, it was accepted, its last attempt began, for that
    attempt's death may be the job's own doing. A client that should be there to the end was
    closed for good though nobody ended its session, or wrote no end; or it is not at the head
    of a stream that it follows; or it shows a job in another state than the row's, or does
    not show one that it was told of since its last reload.
    """
    for job in run.reading.jobs:
        if not job.is_final:
            yield f"{job.id} is still {job.state}"
        elif (late := _seconds_late(run, job)) > 0:
            yield f"{job.id} ended {late:.0f} s too late"
    for witness in run.witnesses:
        if run.stays(witness) and witness.end is not None:
            yield from _wrong_at_end(run, witness, witness.end)
        elif run.session_end(witness) is None and run.log_out(witness) is None:
            yield f"{witness.name} has no end: {witness.closed or 'it stopped writing'}"


def _seconds_late(run: Run, job: JobRow) -> float:
    sightings = run.sightings_of.get(job.id)
    if run.healed_at is None or not sightings:
        return 0.0
    begun = [r.t for r in run.executions.get(job.id, ()) if isinstance(r, records.Started)]
    causes = [run.healed_at, run.accepted_at.get(job.id, 0.0), *begun]
    return sightings[0].t - max(causes) - CONVERGENCE_SECONDS - SAMPLER_SECONDS


def _wrong_at_end(run: Run, witness: Witness, end: End) -> Iterator[str]:
    for topic in {witness.topic, *end.positions}:
        stream, place = run.streams.get(topic), end.positions.get(topic)
        at = (stream.epoch, stream.head) if stream else None
        if stream and (place is None or (place.epoch, place.offset) != at):
            yield f"{witness.name} is at {place} of {topic}, whose head is {at}"
    for job, state in end.jobs.items():
        row = run.jobs.get(job)
        if row is not None and row.state != state and topic_of(row.owner) == witness.topic:
            yield f"{witness.name} shows {job} {state}, and it is {row.state}"
    for job in sorted(_told_of(witness) - set(end.jobs)):
        if job in run.jobs:
            yield f"{witness.name} does not show {job}"


def _told_of(witness: Witness) -> set[str]:
    """Collect the jobs of its own that a client has applied events of since its last reload."""
    told: set[str] = set()
    for record in witness.places.get(witness.topic, ()):
        if isinstance(record, records.Reload):
            told.clear()
        elif isinstance(record, records.Applied) and record.job:
            told.add(record.job)
    return told
