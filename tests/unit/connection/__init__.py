"""One client's conversation: what its tests share."""

from __future__ import annotations

import json

from realtime.effects import Ask, End, Send
from realtime.history import Page
from realtime.protocol import parse
from realtime.topics import Topic

ALICE = Topic.of_user(1)
BAD_REQUEST = End(3501, "bad request")
EMPTY = Page("e1", 0, 0, [], recovered=False)


def say(connection, text):
    [command] = parse(text)
    return connection.receive(command)


def reply(effect):
    assert isinstance(effect, Send)
    return json.loads(effect.payload)


def code(effects):
    [effect] = effects
    return reply(effect)["error"]["code"]


def subscribe(connection, topic, page=EMPTY, **request):
    text = json.dumps({"id": 2, "subscribe": {"channel": str(topic), **request}})
    assert say(connection, text) == [Ask(topic)]
    [join] = connection.answered(topic, allowed=True)
    return connection.joined(join.topic, join.at, page)
