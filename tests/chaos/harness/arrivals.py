"""Whether all is as it will be: jobs at their end, clients at the heads of their topics."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.chaos import journal
from tests.chaos.harness.audience import Seat
from tests.chaos.harness.database import HEADS, UNFINISHED, Database
from tests.chaos.harness.waiting import happens
from tests.chaos.reading import topic_of
from tests.chaos.records import Applied, Closed, Placed, Reload

LOOK_SECONDS = 1.0


async def all_jobs_end(database: Database, seconds: float) -> bool:
    """Wait until every job is final; tell whether that came in time."""
    return await _comes(lambda: database.rows(UNFINISHED) == [(0,)], seconds)


async def all_clients_arrive(
    database: Database, journals: Path, seats: Sequence[Seat], seconds: float
) -> bool:
    """Wait until every client that was not closed is at its topic's head; tell whether in time."""

    def arrived() -> bool:
        heads = {str(topic): (epoch, head) for topic, epoch, head in database.rows(HEADS)}
        return all(_has_arrived(journals, seat, heads) for seat in seats)

    return await _comes(arrived, seconds)


def _has_arrived(journals: Path, seat: Seat, heads: dict[str, tuple[object, object]]) -> bool:
    path, topic = journals / journal.CLIENT.format(seat.name), topic_of(seat.user)
    told = journal.read(path, Applied, Reload, Closed)
    own = [record for record in told if isinstance(record, Placed) and record.topic == topic]
    at = (own[-1].epoch, own[-1].offset) if own else None
    is_closed = any(isinstance(record, Closed) for record in told)
    return is_closed or topic not in heads or at == heads[topic]


async def _comes(condition: Callable[[], bool], seconds: float) -> bool:
    return await happens(lambda: asyncio.to_thread(condition), seconds, LOOK_SECONDS)
