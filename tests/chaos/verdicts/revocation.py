"""After revocation: what a client heard when its session was over."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.evidence import Run, Witness
from tests.chaos.records import Connected, Ended, Open, Place, Received, Record, Update

#: Whatever is broken, a session that has ended hears nothing after so long.
REVOCATION_SECONDS = 30.0


def after_revocation(run: Run) -> Iterator[str]:
    """Tell of what a client heard after its session had ended.

    That is any event of its own topic that it received and that stands in the log after the
    ``session.ended`` of its session; and, if the log-out was answered, any event, update or
    subscription more than 30 s after the answer. A client that is opened anew has another
    session from there on. An answered log-out that left no ``session.ended`` in the log is
    told of too: there is nothing then that what follows could be ordered by.
    """
    for witness in run.witnesses:
        heard = [record for record in _of_first_session(witness) if _is_frame(record)]
        ended, log_out = run.session_end(witness), run.log_out(witness)
        if ended is not None:
            yield from _behind(witness, heard, ended)
        elif log_out is not None and witness.topic in run.streams:
            yield f"the log-out of {witness.name} is not in the log of {witness.topic}"
        if log_out is not None:
            yield from _late(witness, heard, log_out)


def _behind(witness: Witness, heard: list[Record], ended: Place) -> Iterator[str]:
    for record in heard:
        if not isinstance(record, Received) or record.topic != witness.topic:
            continue
        if record.epoch == ended.epoch and record.offset > ended.offset:
            yield f"{witness.name} received {record.topic} {record.offset} behind its end"


def _late(witness: Witness, heard: list[Record], log_out: Ended) -> Iterator[str]:
    late = [record for record in heard if record.t > log_out.t + REVOCATION_SECONDS]
    if late:
        seconds = late[-1].t - log_out.t
        yield f"{witness.name} heard {len(late)} frames, the last {seconds:.0f} s after its end"


def _of_first_session(witness: Witness) -> Iterator[Record]:
    openings = 0
    for record in witness.statements:
        openings += isinstance(record, Open)
        if openings <= 1:
            yield record


def _is_frame(record: Record) -> bool:
    return isinstance(record, Connected | Received | Update)
