"""What was published: kept in the log, and told on the wire."""

from __future__ import annotations

import json

import msgpack

from realtime import log
from realtime.topics import Topic

ALICE, BOB = Topic.of_user(1), Topic.of_user(2)


def hints(wire):
    """What was told since the last time: (topic, number) pairs."""
    messages = [msgpack.unpackb(data) for _, data in wire.heard()]
    return [(m["topic"], data_of(m).get("n")) for m in messages]


def kept(topic):
    return [json.loads(data)["n"] for _, data in log.read(str(topic), after=0).events]


def data_of(message):
    return json.loads(message["frame"])["push"]["pub"]["data"]
