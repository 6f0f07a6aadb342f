"""Inbox differs: what people were notified of, by their streams and by the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.chaos.evidence import Run
from tests.chaos.inbox import Inbox
from tests.chaos.reading import Card, LoggedEvent, topic_of


def inbox_differs(run: Run) -> Iterator[str]:
    """Tell of notifications that are not as the events of their person's stream say.

    Applied one after the other these must give the rows at the end, each seen, read and archived
    as it is; and where an event says how many are unseen and unread, it must be so at its place.
    Not judged where the log has forgotten events.
    """
    rows, events = _rows(run), _events(run)
    for topic in sorted({*rows, *events}):
        stream = run.streams.get(topic)
        if stream is None or stream.floor == 0:
            yield from _differences(topic, rows[topic], events[topic])


def _differences(topic: str, rows: dict[str, Card], events: Sequence[LoggedEvent]) -> Iterator[str]:
    inbox = Inbox()
    for event in events:
        try:
            inbox.take(event.type, event.data)
        except KeyError as error:
            yield f"{topic} {event.offset} tells of {error}, which is not there"
        counts = event.data.get("counts", inbox.counts)
        if counts != inbox.counts:
            yield f"{topic} {event.offset} counts {counts}, and there are {inbox.counts}"
    for key in sorted({*rows, *inbox.cards}):
        if rows.get(key) != inbox.cards.get(key):
            yield f"{key} of {topic} is {rows.get(key)}, and was told as {inbox.cards.get(key)}"


def _rows(run: Run) -> defaultdict[str, dict[str, Card]]:
    found: defaultdict[str, dict[str, Card]] = defaultdict(dict)
    for row in run.reading.notifications:
        found[topic_of(row.owner)][row.id] = row.card
    return found


def _events(run: Run) -> defaultdict[str, list[LoggedEvent]]:
    found: defaultdict[str, list[LoggedEvent]] = defaultdict(list)
    for event in sorted(run.reading.events, key=lambda event: event.offset):
        found[event.topic].append(event)
    return found
