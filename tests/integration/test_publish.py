"""What publishing an event or an update keeps and tells."""

from __future__ import annotations

import json
import re

import msgpack
import pytest
from django.db import transaction

from realtime import log
from realtime.errors import NoTransaction, PayloadTooLarge
from realtime.publish import MAX_EVENT_BYTES, publish, publish_many, update
from tests.delivery import undone
from tests.integration.publications import ALICE, BOB, data_of, hints, kept

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_event_is_told_after_the_commit_and_not_before(wire):
    with transaction.atomic():
        publish(ALICE, "greeting", n=1)
        assert hints(wire) == []

    assert hints(wire) == [("user:1", 1)]


def test_an_event_that_is_rolled_back_is_neither_told_nor_kept(wire):
    with undone(transaction.atomic()):
        publish(ALICE, "greeting", n=1)

    assert hints(wire) == []
    assert kept(ALICE) == []


def test_outside_a_transaction_nothing_is_published(wire):
    with pytest.raises(NoTransaction):
        publish(ALICE, "greeting", n=1)
    with pytest.raises(NoTransaction):
        publish_many([(ALICE, "greeting", {"n": 1})])

    assert hints(wire) == []


def test_the_hint_carries_the_very_frame_that_the_log_would_give(wire):
    with transaction.atomic():
        publish(ALICE, "job.succeeded", n=1, name='Zoë 🔔 "quoted"\n', ends="job-1")

    [(channel, message)] = wire.heard()
    [(offset, data)] = log.read(str(ALICE), after=0).events
    assert channel == f"{wire.prefix}__group__user.1"
    told = msgpack.unpackb(message)
    committed, published = told.pop("times")
    assert 0 <= published - committed < 10_000_000
    assert told == {
        "type": "bellwire.event",
        "topic": "user:1",
        "epoch": log.read(str(ALICE)).epoch,
        "offset": offset,
        "frame": b'{"push":{"channel":"user:1","pub":{"data":%s,"offset":1}}}' % data.encode(),
        "ends": "job-1",
    }


def test_an_event_says_its_version_type_and_time(wire):
    with transaction.atomic():
        publish(ALICE, "greeting", n=1)

    data = json.loads(log.read(str(ALICE), after=0).events[0][1])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", data.pop("at"))
    assert data == {"v": 1, "type": "greeting", "n": 1}


@pytest.mark.parametrize("more", [0, 1], ids=["just fits", "a byte too many"])
def test_an_event_is_bounded_in_size(wire, more):
    with transaction.atomic():
        publish(ALICE, "greeting", n="")
    [(_, data)] = log.read(str(ALICE), after=0).events
    room = MAX_EVENT_BYTES - len(data) + more

    if more:
        with pytest.raises(PayloadTooLarge, match="greeting: 8193 bytes"), transaction.atomic():
            publish(ALICE, "greeting", n="x" * room)
    else:
        with transaction.atomic():
            publish(ALICE, "greeting", n="x" * room)
    assert log.read(str(ALICE)).head == 2 - more


def test_an_update_is_bounded_in_size(wire):
    with pytest.raises(PayloadTooLarge, match="tick: "):
        update(ALICE, "tick", key="job", attempt=1, n=1, more="x" * MAX_EVENT_BYTES)

    assert wire.heard() == []


def test_an_event_that_is_read_from_the_log_says_what_it_ends(wire):
    with transaction.atomic():
        publish(ALICE, "job.succeeded", ends="job-1")

    assert json.loads(log.read(str(ALICE), after=0).events[0][1])["ends"] == "job-1"


def test_several_events_are_appended_and_told_in_the_order_of_their_topics(wire):
    with transaction.atomic():
        publish_many([(BOB, "greeting", {"n": 1}), (ALICE, "greeting", {"n": 2})])

    assert hints(wire) == [("user:1", 2), ("user:2", 1)]


def test_an_update_leaves_at_once_and_is_not_kept(wire):
    with undone(transaction.atomic()):
        assert update(ALICE, "job.progressed", key="job", attempt=2, n=7, job={"id": "job"})

    [(channel, message)] = wire.heard()
    message = msgpack.unpackb(message)
    data = data_of(message)
    assert channel == f"{wire.prefix}__group__user.1"
    assert (message["key"], message["attempt"], message["n"]) == ("job", 2, 7)
    assert data.pop("at")
    assert data == {"v": 1, "type": "job.progressed", "job": {"id": "job"}, "n": 7}
    assert log.read(str(ALICE)).head == 0
