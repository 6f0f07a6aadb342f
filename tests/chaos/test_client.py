"""What an observing client does with what it is sent, without a socket."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.client import Client, PlaceLost, Refused
from tests.chaos.records import Applied, Place, Placed, Received, Record, Update

OWN, SITE = "user:1", "site:all"


class Told:
    """A client and what it journals."""

    def __init__(self, *topics: str) -> None:
        self.journal: list[Record] = []
        self.client = Client(OWN, topics, self.journal.append)

    def connect(self, offset: int, epoch: str = "e", **reply: Any) -> Any:
        """Greet, be answered, and return what was asked."""
        asked = self.client.greet()[0]["connect"]["subs"]
        place = {"epoch": epoch, "offset": offset, **reply}
        self.client.hear({"id": 1, "connect": {"ping": 25, "subs": {OWN: place}}})
        return asked

    def begin(self, offset: int) -> None:
        """Connect for the first time, with nothing to show."""
        self.connect(offset)
        self.client.state_was_read([])

    def hear(self, *offsets: int, topic: str = OWN) -> None:
        for offset in offsets:
            self.client.hear({"push": {"channel": topic, "pub": event(offset)}})

    def steps(self) -> list[tuple[str, int]]:
        """Tell what was journaled, as kinds and offsets."""
        return [(type(r).__name__, r.offset) for r in self.journal if isinstance(r, Placed)]

    def applied(self) -> list[int]:
        return [record.offset for record in self.journal if isinstance(record, Applied)]


def event(offset: int, state: str = "running") -> dict[str, Any]:
    job = {"id": f"job-{offset}", "state": state, "attempt": 1}
    return {"offset": offset, "data": {"v": 1, "type": "job.started", "job": job, "at": "now"}}


def update(attempt: int, n: int, job: str = "job-1") -> dict[str, Any]:
    shown = {"id": job, "state": "running", "attempt": attempt}
    data = {"type": "job.progressed", "n": n, "job": shown}
    return {"push": {"channel": OWN, "pub": {"data": data}}}


def test_an_event_is_journaled_as_it_comes_and_applied_once() -> None:
    told = Told()
    told.begin(3)

    told.hear(4, 4, 3, 5)

    assert told.applied() == [4, 5]
    assert [r.offset for r in told.journal if isinstance(r, Received)] == [4, 4, 3, 5]


def test_what_does_not_follow_ends_the_connection_and_is_asked_for_again() -> None:
    told = Told()
    told.begin(3)
    with pytest.raises(PlaceLost):
        told.hear(4, 6)

    asked = told.connect(4, recovered=True, publications=[event(5), event(6)])

    assert asked == {OWN: {"recover": True, "epoch": "e", "offset": 4}}
    assert told.applied() == [4, 5, 6]


def test_a_recovery_in_another_history_is_not_believed() -> None:
    told = Told()
    told.begin(3)

    with pytest.raises(PlaceLost):
        told.connect(3, epoch="other", recovered=True, publications=[event(4)])


def test_what_could_not_be_recovered_is_read_anew_from_the_place_of_the_reply() -> None:
    told = Told()
    told.begin(3)

    told.connect(9)
    told.hear(10)
    assert told.client.needs_state
    assert told.applied() == []
    told.client.state_was_read([{"id": "job-7", "state": "succeeded"}])

    assert told.steps()[2:] == [("Connected", 9), ("Received", 10), ("Reload", 9), ("Applied", 10)]
    assert told.client.end().jobs == {"job-7": "succeeded", "job-10": "running"}


def test_a_reload_that_broke_off_leaves_the_client_where_it_was() -> None:
    told = Told()
    told.begin(3)
    told.connect(9)
    told.hear(10)

    asked = told.connect(3, recovered=True, publications=[event(4)])

    assert asked[OWN]["offset"] == 3
    assert not told.client.needs_state
    assert told.applied() == [4]


def test_what_has_ended_stays_as_it_ended() -> None:
    told = Told()
    told.connect(3)
    told.client.state_was_read([{"id": "job-4", "state": "failed"}])

    told.hear(4)
    told.client.hear(update(2, 9, "job-4"))

    assert told.client.end().jobs == {"job-4": "failed"}
    assert not [record for record in told.journal if isinstance(record, Update)]


def test_only_the_newest_update_is_shown() -> None:
    told = Told()
    told.begin(3)

    for mark in ((1, 2), (1, 1), (1, 2), (2, 1), (1, 3)):
        told.client.hear(update(*mark))

    shown = [(r.attempt, r.n) for r in told.journal if isinstance(r, Update)]
    assert shown == [(1, 2), (2, 1)]


def test_other_topics_are_subscribed_and_recovered_too() -> None:
    told = Told(SITE)
    told.begin(3)
    told.client.hear({"id": 2, "subscribe": {"epoch": "s", "offset": 1}})
    told.hear(2, topic=SITE)

    told.client.greet()
    again = told.client.hear({"id": 1, "connect": {"ping": 25, "subs": {}}})

    place = {"recover": True, "epoch": "s", "offset": 2}
    assert again == [{"id": 2, "subscribe": {"channel": SITE, **place}}]
    assert told.client.end().positions[SITE] == Place("s", 2)


def test_a_ping_is_answered() -> None:
    assert Told().client.hear({}) == [{}]


@pytest.mark.parametrize(
    ("message", "end"),
    [
        pytest.param(
            {"push": {"channel": SITE, "unsubscribe": {"code": 2500, "reason": "lost"}}},
            PlaceLost,
            id="a subscription that lost its place",
        ),
        pytest.param(
            {"id": 1, "error": {"code": 109, "message": "expired"}}, Refused, id="an error"
        ),
    ],
)
def test_the_server_may_send_a_client_away(message: Any, end: type[Exception]) -> None:
    with pytest.raises(end):
        Told().client.hear(message)
