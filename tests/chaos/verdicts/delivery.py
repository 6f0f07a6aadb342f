"""Lost, duplicated, reordered, gap without reload: what became of the events in a stream.

Every client is judged for its own topic and for those of everybody (``site:…``). What was
committed is what the reader found in the log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.chaos import records
from tests.chaos.course import Course, Wire, course_of, ranges, wire_of
from tests.chaos.evidence import Run, Witness
from tests.chaos.records import Place


def lost(run: Run) -> Iterator[str]:
    """Tell of committed events that a client never applied, and was never told to reload after.

    They lie after the client's first place and after its last reload. A client that is there
    to the end has to have come to the stream's head; one that was closed or whose session
    ended, to the last event that it applied. What it skipped because the server never sent it
    is a gap instead. An offset that the log itself does not have is lost to everybody.
    """
    for witness, topic, course in courses(run):
        missing = _missing(run, witness, topic, course)
        skipped = [place for place in missing if not course.was_silent_about(place)]
        if skipped:
            yield f"{witness.name} never applied {topic} {ranges(skipped)}"
    for stream in run.streams.values():
        offsets = range(stream.floor + 1, stream.head + 1)
        holes = [Place("", at) for at in offsets if (stream.topic, at) not in run.events]
        if holes:
            yield f"the log of {stream.topic} has no event {ranges(holes)}"


def duplicated(run: Run) -> Iterator[str]:
    """Tell of what happened twice.

    An event was applied twice by a client, or after its state held it already; an event came
    twice on one connection, or was behind its beginning; an offset is in the log twice; an
    attempt of a job was begun twice; two jobs have the same mark.
    """
    for witness, topic, course in courses(run):
        if course.again:
            yield f"{witness.name} applied {topic} {ranges(course.again)} again"
    for witness, topic, wire in _wires(run):
        if wire.again:
            yield f"{witness.name} was sent {topic} {ranges(wire.again)} again"
    places = Counter((event.topic, event.offset) for event in run.reading.events)
    attempts = Counter(
        (start.job, start.attempt) for start in run.ledger if isinstance(start, records.Started)
    )
    marks = Counter(job.arguments["mark"] for job in run.reading.jobs if "mark" in job.arguments)
    yield from (f"the log has {t} {offset} twice" for (t, offset), n in places.items() if n > 1)
    yield from (f"attempt {a} of {job} began twice" for (job, a), n in attempts.items() if n > 1)
    yield from (f"{n} jobs have the mark {mark}" for mark, n in marks.items() if n > 1)


def reordered(run: Run) -> Iterator[str]:
    """Tell of events that a client applied, or was sent on one connection, after a later one."""
    for witness, topic, course in courses(run):
        if course.late:
            yield f"{witness.name} applied {topic} {ranges(course.late)} too late"
    for witness, topic, wire in _wires(run):
        if wire.late:
            yield f"{witness.name} was sent {topic} {ranges(wire.late)} too late"


def gap_without_reload(run: Run) -> Iterator[str]:
    """Tell of events that were left out in silence.

    A client never got them, and went on to later ones or to a place from which the server
    said that it could not be made whole, without a reload at or after them; or it went on to
    another history without a reload there. The same on the wire, even if the client healed
    it: on one connection the server sent a later event without them.
    """
    for witness, topic, course in courses(run):
        missing = _missing(run, witness, topic, course)
        if silent := [place for place in missing if course.was_silent_about(place)]:
            yield f"{witness.name} went on past {topic} {ranges(silent)}"
        for place in course.strange:
            yield f"{witness.name} went on to {place.epoch} of {topic} at {place.offset}"
    for witness, topic, wire in _wires(run):
        if wire.leapt:
            yield f"{witness.name} was not sent {topic} {ranges(wire.leapt)}, but what follows"


def _missing(run: Run, witness: Witness, topic: str, course: Course) -> list[Place]:
    stream = run.streams.get(topic)
    missing: list[Place] = []
    for epoch in course.starts:
        until = course.last_applied.get(epoch, 0)
        if stream and epoch == stream.epoch and run.stays(witness):
            until = stream.head
        missing += course.missing(epoch, until)
    return missing


def courses(run: Run) -> Iterator[tuple[Witness, str, Course]]:
    """Follow every client through every topic that it may hear."""
    for witness in run.witnesses:
        for topic, places in witness.places.items():
            if witness.may_hear(topic):
                yield witness, topic, course_of(places)


def _wires(run: Run) -> Iterator[tuple[Witness, str, Wire]]:
    for witness in run.witnesses:
        for topic, places in witness.places.items():
            if witness.may_hear(topic):
                yield witness, topic, wire_of(places)
