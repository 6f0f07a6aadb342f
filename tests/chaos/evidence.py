"""All that a chaos run left behind, read from its journals and put where verdicts look it up."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec

from tests.chaos import journal, records
from tests.chaos.reading import (
    FINAL_EVENTS,
    SESSION_ENDED,
    JobRow,
    LoggedEvent,
    Reading,
    Stream,
    topic_of,
)
from tests.chaos.records import Place, Record

Kind = TypeVar("Kind", bound=Record)
Told = TypeVar("Told", records.Started | records.Finished, records.Sighting)


@dataclass(frozen=True)
class Witness:
    """One observing client: its name, and its records in its own order."""

    name: str
    statements: Sequence[Record]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Give its records of one kind."""
        return [record for record in self.statements if isinstance(record, kind)]

    @cached_property
    def opened(self) -> records.Open | None:
        return next(iter(self.of(records.Open)), None)

    @cached_property
    def topic(self) -> str:
        """Name the topic of its own user; empty if it never began."""
        return topic_of(self.opened.user) if self.opened else ""

    @cached_property
    def closed(self) -> records.Closed | None:
        return next(iter(self.of(records.Closed)), None)

    @cached_property
    def end(self) -> records.End | None:
        return next(reversed(self.of(records.End)), None)

    @cached_property
    def places(self) -> Mapping[str, Sequence[records.Placed]]:
        """Its records that have a place, per topic."""
        found = defaultdict(list)
        for record in self.of(records.Placed):
            found[record.topic].append(record)
        return found

    def may_hear(self, topic: str) -> bool:
        """Tell whether a topic is its own or everybody's."""
        return topic == self.topic or topic.startswith("site:")


@dataclass(frozen=True)
class Run:
    """The five journals of one run."""

    submissions: Sequence[Record]
    witnesses: Sequence[Witness]
    ledger: Sequence[records.Started | records.Finished]
    sightings: Sequence[records.Sighting]
    nemesis: Sequence[Record]
    reading: Reading

    @cached_property
    def streams(self) -> Mapping[str, Stream]:
        return {stream.topic: stream for stream in self.reading.streams}

    @cached_property
    def events(self) -> Mapping[tuple[str, int], LoggedEvent]:
        """What was committed, by its place."""
        return {(event.topic, event.offset): event for event in self.reading.events}

    @cached_property
    def jobs(self) -> Mapping[str, JobRow]:
        return {job.id: job for job in self.reading.jobs}

    @cached_property
    def healed_at(self) -> float | None:
        """When the last fault was over, if the nemesis said so."""
        healed = [r.t for r in self.nemesis if isinstance(r, records.Healed)]
        return max(healed, default=None)

    @cached_property
    def executions(self) -> Mapping[str, Sequence[records.Started | records.Finished]]:
        """What each job wrote into the ledger."""
        return _grouped(self.ledger)

    @cached_property
    def sightings_of(self) -> Mapping[str, Sequence[records.Sighting]]:
        """How each job was seen final, in the sampler's order."""
        return _grouped(self.sightings)

    @cached_property
    def accepted_at(self) -> Mapping[str, float]:
        return {r.job: r.t for r in self.submissions if isinstance(r, records.Accepted)}

    def seen_final_at(self, job: str) -> float:
        """Tell when somebody first knew of a job's end: the sampler or a client."""
        return self._first_seen.get(job, math.inf)

    @cached_property
    def _first_seen(self) -> Mapping[str, float]:
        heard = [r for witness in self.witnesses for r in witness.of(records.Received)]
        ends = [(r.job, r.t) for r in heard if r.job and r.type in FINAL_EVENTS]
        seen = sorted([*ends, *((s.job, s.t) for s in self.sightings)], key=lambda pair: -pair[1])
        return dict(seen)

    def final_events(self) -> Iterator[LoggedEvent]:
        """Give the events that tell of a job's end, in the order of their streams."""
        for event in sorted(self.reading.events, key=lambda event: (event.topic, event.offset)):
            if event.type in FINAL_EVENTS and event.job:
                yield event

    def stays(self, witness: Witness) -> bool:
        """Tell whether a client is there to the end: neither closed nor its session over."""
        is_over = self.session_end(witness) or self.log_out(witness)
        return witness.end is not None and witness.closed is None and is_over is None

    def is_foreign(self, witness: Witness, job: str | None) -> bool:
        """Tell whether a job is somebody else's."""
        row = self.jobs.get(job or "")
        return row is not None and topic_of(row.owner) != witness.topic

    def session_end(self, witness: Witness) -> Place | None:
        """Find the event that ended the witness's session, in the log; the first, if several.

        Its session is the one that it opened with or, if it did not say, the one that the
        submitter logged out in its name. An event that names no session ends all that a user
        has: the witness's, unless it began after it.
        """
        stream, sessions = self.streams.get(witness.topic), self._sessions(witness)
        begun = next((at.offset for at in witness.places.get(witness.topic, ())), 0)
        offsets = [
            event.offset
            for event in self._session_ends.get(witness.topic, ())
            if event.session in sessions or (not event.session and event.offset > begun)
        ]
        return Place(stream.epoch, min(offsets)) if stream and offsets else None

    def log_out(self, witness: Witness) -> records.Ended | None:
        """Find the answered log-out of the witness's session."""
        return next((end for end in self._log_outs(witness) if end.has_ended), None)

    @cached_property
    def _session_ends(self) -> Mapping[str, Sequence[LoggedEvent]]:
        found = defaultdict(list)
        for event in self.reading.events:
            if event.type == SESSION_ENDED:
                found[event.topic].append(event)
        return found

    def _log_outs(self, witness: Witness) -> list[records.Ended]:
        return [
            record
            for record in self.submissions
            if isinstance(record, records.Ended) and record.client == witness.name
        ]

    def _sessions(self, witness: Witness) -> set[str]:
        opened = witness.opened
        own = {opened.session} if opened else set()
        return (own | {end.session for end in self._log_outs(witness)}) - {""}


def _grouped(found: Iterable[Told]) -> Mapping[str, Sequence[Told]]:
    groups = defaultdict(list)
    for record in found:
        groups[record.job].append(record)
    return dict(groups)


def load(folder: Path) -> Run:
    """Read a run's journals; what is damaged raises journal.Damaged, a missing file is empty."""
    reading = folder / journal.READER
    clients = sorted(folder.glob(journal.CLIENT.format("*")))
    return Run(
        journal.read(folder / journal.SUBMITTER, *records.SUBMITTER_RECORDS),
        [_witness(path) for path in clients],
        journal.read(folder / journal.LEDGER, *records.LEDGER_RECORDS),
        journal.read(folder / journal.STATES, records.Sighting),
        journal.read(folder / journal.NEMESIS, *records.NEMESIS_RECORDS),
        msgspec.json.decode(reading.read_bytes(), type=Reading) if reading.exists() else Reading(),
    )


def _witness(path: Path) -> Witness:
    name = path.stem.removeprefix(journal.CLIENT.partition("{")[0])
    return Witness(name, journal.read(path, *records.CLIENT_RECORDS))
