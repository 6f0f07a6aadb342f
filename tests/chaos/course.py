"""The course that one client took through one topic's stream, judged step by step.

A client stands at a place: first where it began (the first subscription's place, or the one
that it asked to recover from), then at each event that it applied or each place at which it
read the state anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.chaos.records import Applied, Connected, Place, Placed, Received, Reload


@dataclass
class Course:
    """What a client's records of one topic say of its way."""

    #: Where it began in each history.
    starts: dict[str, int] = field(default_factory=dict)
    reloads: list[Place] = field(default_factory=list)
    applied: set[Place] = field(default_factory=set)
    received: set[Place] = field(default_factory=set)
    #: Places that the client had passed already: in its state, or applied.
    again: list[Place] = field(default_factory=list)
    #: Places that it went past, and came back to.
    late: list[Place] = field(default_factory=list)
    #: Histories that it went on to without having read the state there.
    strange: list[Place] = field(default_factory=list)
    #: Up to where the server said that it could not make the client whole, in each history.
    refused: dict[str, int] = field(default_factory=dict)
    #: The highest offset that it applied in each history.
    last_applied: dict[str, int] = field(default_factory=dict)
    #: Where it is at the end.
    place: Place | None = None
    _skipped: set[Place] = field(default_factory=set)

    def take(self, record: Placed) -> None:
        """Go one step on."""
        match record:
            case Connected():
                self._connected(record)
            case Received():
                self.received.add(record.place)
            case Reload():
                self.reloads.append(record.place)
                self._stand(record.place)
            case Applied():
                self._applied(record.place)

    def missing(self, epoch: str, until: int) -> list[Place]:
        """Give the places of a history, up to ``until``, that it neither applied nor reloaded.

        What it went past on its way is missing even if it was told to reload later on.
        """
        if epoch not in self.starts:
            return []
        covered = max((at.offset for at in self.reloads if at.epoch == epoch), default=0)
        first = max(covered, self.starts[epoch]) + 1
        expected = {Place(epoch, offset) for offset in range(first, until + 1)}
        passed = {place for place in self._skipped if place.epoch == epoch}
        return sorted((expected | passed) - self.applied)

    def was_silent_about(self, place: Place) -> bool:
        """Tell whether a missing event never came, and the client went on all the same.

        It applied something later, or was told that what it missed could not be given.
        """
        went_on = max(self.last_applied.get(place.epoch, 0), self.refused.get(place.epoch, 0))
        return place not in self.received and place.offset <= went_on

    def _connected(self, record: Connected) -> None:
        if self.place is None:
            self._stand(record.asked if record.recovered and record.asked else record.place)
        elif not record.recovered and record.place != self.place:
            _raise_to(self.refused, record.place)

    def _applied(self, place: Place) -> None:
        if place in self._skipped and place not in self.applied:
            self.late.append(place)
        elif self.place is not None and place.epoch != self.place.epoch:
            self.strange.append(place)
            self._stand(place)
        elif self.place is not None and place <= self.place:
            self.again.append(place)
        else:
            self._go_to(place)
        self.applied.add(place)
        _raise_to(self.last_applied, place)

    def _go_to(self, place: Place) -> None:
        if self.place is not None:
            between = range(self.place.offset + 1, place.offset)
            self._skipped |= {Place(place.epoch, offset) for offset in between}
        self._stand(place)

    def _stand(self, place: Place) -> None:
        self.place = place
        self.starts.setdefault(place.epoch, place.offset)


@dataclass
class Wire:
    """What came on each of a client's connections, where the protocol promises one by one."""

    #: Places that came twice on one connection, or were behind its beginning.
    again: list[Place] = field(default_factory=list)
    #: Places that came after a later one.
    late: list[Place] = field(default_factory=list)
    #: Places that did not come on a connection on which later ones did.
    leapt: list[Place] = field(default_factory=list)
    #: The last place that it stood at.
    last: Place | None = None

    def take(self, record: Placed) -> None:
        """Look at one more record; only what the server sent counts."""
        match record:
            case Connected():
                self.last = record.place
            case Received():
                self._received(record.place)

    def _received(self, place: Place) -> None:
        last = self.last
        if last is None or last.epoch != place.epoch:
            self.last = place
        elif place.offset > last.offset:
            between = range(last.offset + 1, place.offset)
            self.leapt += [Place(place.epoch, offset) for offset in between]
            self.last = place
        elif place in self.leapt:
            self.leapt.remove(place)
            self.late.append(place)
        else:
            self.again.append(place)


def _raise_to(offsets: dict[str, int], place: Place) -> None:
    offsets[place.epoch] = max(place.offset, offsets.get(place.epoch, 0))


def course_of(records: Iterable[Placed]) -> Course:
    """Follow one client through one topic."""
    course = Course()
    for record in records:
        course.take(record)
    return course


def wire_of(records: Iterable[Placed]) -> Wire:
    """Look at what one client was sent of one topic."""
    wire = Wire()
    for record in records:
        wire.take(record)
    return wire


def ranges(places: Sequence[Place]) -> str:
    """Write places as ``7-9, 12``."""
    offsets = sorted({place.offset for place in places})
    runs: list[list[int]] = []
    for offset in offsets:
        if runs and offset == runs[-1][-1] + 1:
            runs[-1][1:] = [offset]
        else:
            runs.append([offset])
    return ", ".join("-".join(map(str, run)) for run in runs)
