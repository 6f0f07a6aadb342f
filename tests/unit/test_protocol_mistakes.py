from __future__ import annotations

import pytest

from realtime.errors import Disconnect
from realtime.history import Page
from realtime.protocol import Command, parse

MISSED = Page("e1", head=7, floor=0, events=[(6, '{"a": 1}'), (7, '{"b":2}')], recovered=True)


def read(text: str) -> list[Command]:
    return list(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty message"),
        pytest.param("\n", id="an empty line"),
        pytest.param("{}\n\n{}", id="an empty line in the middle"),
        pytest.param("{}\n{}\n\n", id="two newlines at the end"),
        pytest.param("not json", id="not JSON"),
        pytest.param("{} {}", id="two objects on a line"),
        pytest.param('{"id":1,"connect":{}', id="cut short"),
        pytest.param("[]", id="no object"),
        pytest.param("null", id="null"),
        pytest.param('"connect"', id="a text"),
        pytest.param('{"id":"1","connect":{}}', id="an id in quotes"),
        pytest.param('{"id":true,"connect":{}}', id="an id that is true"),
        pytest.param('{"id":1.5,"connect":{}}', id="an id with a fraction"),
        pytest.param('{"id":-1,"connect":{}}', id="a negative id"),
        pytest.param('{"id":0,"connect":{}}', id="an id of zero"),
        pytest.param('{"connect":{}}', id="no id"),
        pytest.param('{"id":4294967296,"connect":{}}', id="an id of 33 bits"),
        pytest.param('{"id":%s,"connect":{}}' % ("9" * 5000), id="an id of 5,000 digits"),
        pytest.param('{"id":NaN,"connect":{}}', id="NaN"),
        pytest.param('{"id":1,"connect":7}', id="a connect that is a number"),
        pytest.param('{"id":1,"connect":{"token":7}}', id="a token that is a number"),
        pytest.param('{"id":1,"connect":{"subs":[]}}', id="subs in a list"),
        pytest.param('{"id":1,"connect":{"subs":{"user:1":7}}}', id="a position that is a number"),
        pytest.param('{"id":1,"connect":{"token":"\\ud800"}}', id="half a surrogate, escaped"),
        pytest.param('{"id":1,"connect":{"token":"\ud800"}}', id="half a surrogate"),
        pytest.param('{"id":1,"connect":{"token":"\x00"}}', id="a bare control character"),
        pytest.param('{"id":1,"subscribe":{}}', id="no channel"),
        pytest.param('{"id":1,"subscribe":{"channel":7}}', id="a channel that is a number"),
        pytest.param('{"id":1,"subscribe":{"channel":null}}', id="a channel that is null"),
        pytest.param('{"id":1,"refresh":{}}', id="a refresh without a token"),
        pytest.param("[" * 60_000, id="bottomless"),
        pytest.param('{"id":1,"connect":{"data":' + "[" * 60_000, id="bottomless inside"),
        pytest.param('{"a":' * 12_000, id="bottomless and unknown"),
    ],
)
def test_a_malformed_message_ends_the_connection(text):
    with pytest.raises(Disconnect) as end:
        read(text)

    assert (end.value.code, end.value.reason) == (3501, "bad request")


@pytest.mark.parametrize(
    "place",
    [
        pytest.param('"offset":-1', id="negative"),
        pytest.param(f'"offset":{2**63}', id="2**63"),
        pytest.param(f'"offset":{"9" * 5000}', id="5,000 digits"),
        pytest.param('"offset":1.5', id="a fraction"),
        pytest.param('"offset":1e400', id="beyond any float"),
        pytest.param('"offset":"1"', id="a text"),
        pytest.param('"offset":null', id="null"),
        pytest.param(f'"epoch":"{"e" * 65}"', id="an epoch that is too long"),
        pytest.param('"epoch":7', id="an epoch that is a number"),
        pytest.param('"recover":"yes"', id="a flag that is a text"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param('{"id":1,"connect":{"subs":{"user:1":{"recover":true,%s}}}}', id="subs"),
        pytest.param('{"id":1,"connect":{"data":{"since":{"user:1":{%s}}}}}', id="since"),
        pytest.param('{"id":1,"subscribe":{"channel":"site:all","recover":true,%s}}', id="own"),
    ],
)
def test_an_absurd_position_ends_the_connection(command, place):
    text = command.replace('"recover":true,', "") if "recover" in place else command

    with pytest.raises(Disconnect) as end:
        read(text % place)

    assert end.value.code == 3501


@pytest.mark.parametrize(
    "since",
    [
        pytest.param("7", id="a number"),
        pytest.param('["user:1"]', id="a list"),
        pytest.param('{"user:1":7}', id="a place that is a number"),
        pytest.param('{"user:1":[]}', id="a place that is a list"),
    ],
)
def test_a_page_position_of_the_wrong_type_ends_the_connection(since):
    with pytest.raises(Disconnect):
        read(f'{{"id":1,"connect":{{"data":{{"since":{since}}}}}}}')


@pytest.mark.parametrize(
    "data",
    ["null", "7", '"text"', "[]", "{}", '{"since":null}', '{"since":{}}', '{"other":{"since":7}}'],
)
def test_connect_data_without_a_position_is_not_ours_to_judge(data):
    [command] = read(f'{{"id":1,"connect":{{"data":{data}}}}}')

    assert command.connect.positions == {}


def test_a_mistake_does_not_undo_what_came_before_it():
    commands = parse('{"id":1,"connect":{}}\nnot json\n{"id":2,"connect":{}}')

    assert next(commands).id == 1
    with pytest.raises(Disconnect):
        next(commands)


def test_a_flood_of_tiny_commands_in_one_message_is_refused():
    with pytest.raises(Disconnect):
        read("\n".join(["{}"] * 20_000))
