from __future__ import annotations

import json

import pytest

from realtime import protocol
from realtime.conf import Limits
from realtime.errors import AlreadySubscribed
from realtime.history import Page
from realtime.protocol import Command, Position, parse

MISSED = Page("e1", head=7, floor=0, events=[(6, '{"a": 1}'), (7, '{"b":2}')], recovered=True)


def read(text: str) -> list[Command]:
    return list(parse(text))


def test_the_largest_numbers_that_make_sense_are_read():
    [command] = read(
        f'{{"id":{2**32 - 1},"subscribe":{{"channel":"site:all","offset":{2**63 - 1}}}}}'
    )

    assert (command.id, command.subscribe.offset) == (2**32 - 1, 2**63 - 1)


def test_the_page_says_where_it_is():
    [command] = read(
        '{"id":1,"connect":{"data":{"since":{"user:1":{"epoch":"e1","offset":7,"new":1}}}}}'
    )

    assert command.connect.positions == {"user:1": Position("e1", 7, recover=True)}


def test_what_the_sdk_recovers_wins_over_what_the_page_says():
    [command] = read(
        '{"id":1,"connect":{"data":{"since":{"user:1":{"epoch":"e1","offset":7}}},'
        '"subs":{"user:1":{"recover":true,"epoch":"e1","offset":9},"site:all":{"offset":3}}}}'
    )

    assert command.connect.positions == {"user:1": Position("e1", 9, recover=True)}


@pytest.mark.parametrize("text", ["{}", "{}\n", '{"hello":{}}', " {} "])
def test_an_object_without_id_and_request_is_a_pong(text):
    assert [command.is_pong for command in read(text)] == [True]


def test_a_send_needs_no_id():
    [command] = read('{"send":{"data":{}}}')

    assert (command.id, command.is_pong) == (0, False)


def test_a_page_with_every_subscription_it_may_have_connects_in_one_message():
    count = Limits().max_subscriptions
    lines = ['{"id":1,"connect":{}}']
    lines += [f'{{"id":{n},"subscribe":{{"channel":"job:{n}","flag":1}}}}' for n in range(2, count)]

    assert len(read("\n".join(lines))) == count - 1


def test_unknown_fields_are_left_alone():
    [command] = read('{"id":1,"new":{},"subscribe":{"channel":"site:all","tf":{},"delta":"x"}}')

    assert command.subscribe.channel == "site:all"


def test_a_publication_carries_the_data_as_it_is():
    pushed = protocol.publication("user:1", b'{"n":1}', 7)

    assert pushed == b'{"push":{"channel":"user:1","pub":{"data":{"n":1},"offset":7}}}'


def test_an_update_has_no_offset():
    assert json.loads(protocol.publication("user:1", b"{}"))["push"]["pub"] == {"data": {}}


def test_an_error_has_a_code_and_a_message():
    reply = json.loads(protocol.error(4, AlreadySubscribed("user:1")))

    assert reply == {"id": 4, "error": {"code": 105, "message": "already subscribed"}}


@pytest.mark.parametrize(
    ("found", "asked", "described"),
    [
        pytest.param(MISSED, None, {"offset": 7}, id="not recovering: the head"),
        pytest.param(
            MISSED,
            Position("e1", 5, recover=True),
            {
                "was_recovering": True,
                "recovered": True,
                "offset": 5,
                "publications": [
                    {"data": {"a": 1}, "offset": 6},
                    {"data": {"b": 2}, "offset": 7},
                ],
            },
            id="recovered: the offset asked from, and what was missed",
        ),
        pytest.param(
            Page("e1", 7, 0, [], recovered=True),
            Position("e1", 7, recover=True),
            {"was_recovering": True, "recovered": True, "offset": 7, "publications": []},
            id="recovered: nothing was missed",
        ),
        pytest.param(
            Page("e1", 7, 6, [(7, "{}")], recovered=False),
            Position("e1", 3, recover=True),
            {"was_recovering": True, "offset": 7},
            id="not recovered: the head and no publications",
        ),
    ],
)
def test_a_subscription_says_where_it_begins(found, asked, described):
    result = json.loads(protocol.subscribed(1, protocol.subscription(found, asked)))["subscribe"]

    assert result == {"recoverable": True, "positioned": True, "epoch": "e1", **described}


@pytest.mark.parametrize(
    ("ttl", "expiry"),
    [
        pytest.param(0, {}, id="without an end"),
        pytest.param(60, {"expires": True, "ttl": 60}, id="a token's"),
    ],
)
def test_the_connect_reply_says_what_the_sdks_read(ttl, expiry):
    reply = json.loads(protocol.connected(1, "c1", 25, {"user:1": {}}, ttl))

    assert reply["id"] == 1
    assert reply["connect"].pop("version")
    assert reply["connect"] == {
        "client": "c1",
        "subs": {"user:1": {}},
        "ping": 25,
        "pong": True,
        **expiry,
    }


def test_an_unsubscribes_reply_is_an_empty_object():
    assert json.loads(protocol.unsubscribed(5)) == {"id": 5, "unsubscribe": {}}


def test_a_lost_place_makes_the_client_subscribe_again():
    push = json.loads(protocol.unsubscribe_push("site:all", 2500, "insufficient state"))["push"]

    assert push["channel"] == "site:all"
    assert push["unsubscribe"]["code"] == 2500


def test_no_close_reason_reads_as_json_and_each_has_its_own_code():
    ends = [value for value in vars(protocol).values() if _is_end(value)]

    assert len({code for code, _ in ends}) == len(ends) > 10
    for _, reason in ends:
        with pytest.raises(ValueError, match="Expecting value"):
            json.loads(reason)


def _is_end(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str)
