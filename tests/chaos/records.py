"""What each line of a chaos run's journals says: one type per kind of record.

A line is a JSON object with ``op``, the kind of its record, and ``t``: seconds of
CLOCK_MONOTONIC, which all programs of one machine share (Python's ``time.monotonic()``, Node's
``process.hrtime.bigint()``). Fields that are not known here are passed over.
"""

from __future__ import annotations

from typing import Any, Self

import msgspec

#: A key of the user model, as the program that wrote it has it.
UserKey = str | int


class Record(msgspec.Struct, kw_only=True, frozen=True, tag_field="op"):
    """One line; ``t`` is when, in seconds of the monotonic clock."""

    t: float


class Place(msgspec.Struct, frozen=True, order=True):
    """A position in a topic's stream: after the event ``offset`` of the history ``epoch``."""

    epoch: str
    offset: int

    @property
    def next(self) -> Self:
        return type(self)(self.epoch, self.offset + 1)


# submitter.jsonl ---------------------------------------------------------------------------


class Invoke(Record, frozen=True, tag="invoke"):
    """A job is about to be asked for; ``mark`` is in its arguments, and in no other job's."""

    mark: str
    user: UserKey
    kind: str
    arguments: dict[str, Any]


class Accepted(Record, frozen=True, tag="ok"):
    """The API answered 2xx and named the job."""

    mark: str
    job: str


class Refused(Record, frozen=True, tag="refused"):
    """The API answered 400 or more; ``retry_after`` is in seconds, null if it said nothing."""

    mark: str
    status: int
    retry_after: float | None = None


class Unknown(Record, frozen=True, tag="unknown"):
    """No answer came: the job may or may not exist. A mark is used once, whatever comes."""

    mark: str
    error: str


class Ending(Record, frozen=True, tag="ending"):
    """The session that the observer ``client`` uses is about to be logged out."""

    user: UserKey
    client: str


class Ended(Record, frozen=True, tag="ended"):
    """The log-out was answered: 2xx and 3xx have ended the session, 0 is no answer.

    ``session`` is the fingerprint that the platform's own event must carry: the first 32
    hexadecimal digits of the SHA-256 of the session's key.
    """

    user: UserKey
    client: str
    status: int
    session: str = ""

    @property
    def has_ended(self) -> bool:
        return 200 <= self.status < 400


# client-<name>.jsonl -----------------------------------------------------------------------


class Open(Record, frozen=True, tag="open"):
    """A client begins, as ``user``, with the session of this fingerprint if it is known.

    ``wall`` is the wall clock (seconds since 1970) at ``t``; ``port`` is of its first address.
    """

    user: UserKey
    kind: str
    port: int = 0
    session: str = ""
    wall: float | None = None


class Topical(Record, frozen=True):
    """What a client tells of one topic."""

    topic: str


class Placed(Topical, frozen=True):
    """What a client tells of one place in a topic's stream."""

    epoch: str
    offset: int

    @property
    def place(self) -> Place:
        return Place(self.epoch, self.offset)


class Connected(Placed, frozen=True, tag="connected"):
    """A topic was subscribed, by the connect reply or by a subscribe's.

    The place is the reply's: recovered, it is the one that was asked from. ``asked`` is null
    where the client said no position.
    """

    recovered: bool
    asked: Place | None = None


class Received(Placed, frozen=True, tag="received"):
    """An event's frame as it came, whatever becomes of it; a reply's publications as well."""

    type: str
    job: str | None = None


class Applied(Placed, frozen=True, tag="applied"):
    """An event that the client's own cursor let pass; ``at`` is the event's own time."""

    type: str
    job: str | None = None
    at: str = ""


class Update(Topical, frozen=True, tag="update"):
    """A message without an offset that was shown, since it was newer than what was shown."""

    job: str
    attempt: int
    n: int


class Reload(Placed, frozen=True, tag="reload"):
    """The state was read anew, after this place had been taken: events up to it are in it."""


class Closed(Record, frozen=True, tag="closed"):
    """The server ended this client for good; it does not come back."""

    code: int
    reason: str = ""


class End(Record, frozen=True, tag="end"):
    """Where the client is when the run is over, and the state of each job that it shows."""

    positions: dict[str, Place]
    jobs: dict[str, str]


# ledger.jsonl, states.jsonl, nemesis.jsonl -------------------------------------------------


class Execution(Record, frozen=True):
    """What a job's function itself tells; ``end`` only where it came to its end."""

    job: str
    mark: str
    attempt: int
    pid: int


class Started(Execution, frozen=True, tag="start"):
    """An attempt begins."""


class Finished(Execution, frozen=True, tag="end"):
    """An attempt came to the function's last line."""


class Sighting(Record, frozen=True, tag="seen"):
    """A job's row was seen final, or final in another way than before; ``t`` is after the read.

    ``result`` is a digest of what the job gave.
    """

    job: str
    state: str
    attempt: int | None = None
    result: str = ""


class Planned(Record, frozen=True, tag="planned"):
    """So many faults are to be injected, chosen by ``seed``."""

    count: int
    seed: int


class Begin(Record, frozen=True, tag="begin"):
    """The fault ``n`` is injected."""

    fault: str
    target: str
    n: int


class Hit(Record, frozen=True, tag="hit"):
    """It really hit, and this shows it."""

    n: int
    evidence: dict[str, Any]


class Over(Record, frozen=True, tag="end"):
    """The fault is taken back."""

    n: int


class Healed(Record, frozen=True, tag="healed"):
    """No fault is left and every process answers."""


SUBMITTER_RECORDS = (Invoke, Accepted, Refused, Unknown, Ending, Ended)
CLIENT_RECORDS = (Open, Connected, Received, Applied, Update, Reload, Closed, End)
LEDGER_RECORDS = (Started, Finished)
NEMESIS_RECORDS = (Planned, Begin, Hit, Over, Healed)
