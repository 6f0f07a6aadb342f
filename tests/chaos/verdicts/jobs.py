"""Two final states, final state changed, accepted but missing: what became of the jobs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos import records
from tests.chaos.evidence import Run
from tests.chaos.reading import FINAL_EVENTS, JobRow, LoggedEvent, topic_of


def two_final_states(run: Run) -> Iterator[str]:
    """Tell of jobs whose end is told in two ways.

    The log of the owner has two final events of a job; or the one that it has, or has not,
    disagrees with the state of the row (not judged where the log has forgotten events). Or the
    result is not that of the attempt that the row names: see ``_is_stale``.
    """
    told = _final_events(run)
    for job in run.reading.jobs:
        ends = [event.type for event in told[job.id]]
        states = [FINAL_EVENTS[end] for end in ends]
        if len(ends) > 1:
            yield f"{job.id} ended as {' and '.join(states)}"
        elif states != ([job.state] if job.is_final else []) and _has_whole_log(run, job):
            yield f"{job.id} is {job.state}, and its log says {states or 'nothing'}"
        if _is_stale(run, job):
            yield f"{job.id} has not the result of its attempt {job.attempt}"


def _final_events(run: Run) -> dict[str, list[LoggedEvent]]:
    found = defaultdict(list)
    for event in run.final_events():
        row = run.jobs.get(event.job or "")
        if row is not None and event.topic == topic_of(row.owner):
            found[row.id].append(event)
    return found


def _has_whole_log(run: Run, job: JobRow) -> bool:
    stream = run.streams.get(topic_of(job.owner))
    return stream is None or stream.floor == 0


def _is_stale(run: Run, job: JobRow) -> bool:
    """Tell whether a job succeeded by another attempt than its row's, the newest.

    Seen in two ways. A result that is an object with ``attempt`` names another one. Or the
    ledger, which jobs write themselves, knows the job, and the row's attempt came to its end
    not at all, or later than somebody first saw the job succeed. All clocks are one.
    """
    if job.state != "succeeded":
        return False
    if isinstance(job.result, dict) and job.result.get("attempt", job.attempt) != job.attempt:
        return True
    lines = run.executions.get(job.id, ())
    ends = [r.t for r in lines if isinstance(r, records.Finished) and r.attempt == job.attempt]
    return bool(lines) and (not ends or min(ends) > run.seen_final_at(job.id))


def final_state_changed(run: Run) -> Iterator[str]:
    """Tell of jobs that were final and did not stay as they were.

    The sampler saw another final state, attempt or result of a job that it had seen final; or
    the row at the end has another state than it saw; or the log tells of the job after its
    end (a second end is two final states).
    """
    for job, sightings in run.sightings_of.items():
        seen = dict.fromkeys((s.state, s.attempt, s.result) for s in sightings)
        row = run.jobs.get(job)
        if len(seen) > 1:
            yield f"{job} was {' and then '.join(str(each) for each in seen)}"
        elif row is not None and row.state != sightings[-1].state:
            yield f"{job} was {sightings[-1].state} and is {row.state}"
    ends = {(event.topic, event.job): event.offset for event in run.final_events()}
    for event in run.reading.events:
        is_late = event.offset > ends.get((event.topic, event.job), event.offset)
        if is_late and event.type not in FINAL_EVENTS:
            yield f"{event.job} has {event.type} after its end"


def accepted_but_missing(run: Run) -> Iterator[str]:
    """Tell of jobs that the API accepted and that are not there as they were asked for.

    There is no row of that id, or its mark, kind or owner is another. Whether a job exists
    that was answered with an error, or not at all, is not judged.
    """
    invoked = {r.mark: r for r in run.submissions if isinstance(r, records.Invoke)}
    for record in run.submissions:
        if not isinstance(record, records.Accepted):
            continue
        row, asked = run.jobs.get(record.job), invoked.get(record.mark)
        if row is None:
            yield f"{record.job} ({record.mark}) was accepted and is not there"
        elif row.arguments.get("mark") != record.mark:
            yield f"{record.job} was accepted for {record.mark} and has another mark"
        elif asked and (asked.kind, topic_of(asked.user)) != (row.kind, topic_of(row.owner)):
            yield f"{record.job} is a {row.kind} of {row.owner}, which nobody asked for"
