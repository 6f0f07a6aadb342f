from __future__ import annotations

import pytest

from realtime import event_stream
from realtime.event_stream import places_of, unwrapped
from realtime.protocol import Position, publication, tagged

HERE = Position("a1", 7)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (event_stream.opening(2.5), b"retry: 2500\n\n"),
        (event_stream.opening(2.5, [HERE]), b"retry: 2500\nid: a1:7\n\n"),
        (event_stream.event([HERE], b'{"n":1}'), b'id: a1:7\ndata: {"n":1}\n\n'),
        (
            event_stream.event([HERE, Position("b2", 3)], b"{}", "site:all"),
            b"event: site:all\nid: a1:7,b2:3\ndata: {}\n\n",
        ),
        (event_stream.update(b"{}"), b"event: update\ndata: {}\n\n"),
        (event_stream.update(b"{}", "site:all"), b"event: update site:all\ndata: {}\n\n"),
        (
            event_stream.reload([HERE], "user:1", HERE),
            b'event: reload\nid: a1:7\ndata: {"topic":"user:1","epoch":"a1","offset":7}\n\n',
        ),
        (
            event_stream.end(3001, "shutdown"),
            b'event: end\ndata: {"code":3001,"reason":"shutdown"}\n\n',
        ),
        (event_stream.HEARTBEAT, b":\n\n"),
    ],
)
def test_each_block_is_written_as_the_standard_has_it(said, text):
    assert said == text


def test_line_ends_in_data_do_not_end_it():
    said = event_stream.event([HERE], b'{"a":\r\n1,\n\n"b":2}')

    assert said == b'id: a1:7\ndata: {"a":1,"b":2}\n\n'


PUSHED = publication("user:1", b'{"n":1,"offset":99}', 7)


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        pytest.param(PUSHED, (b'{"n":1,"offset":99}', 7), id="an event"),
        pytest.param(tagged(PUSHED, 1, 2, 3), (b'{"n":1,"offset":99}', 7), id="one with tags"),
        pytest.param(publication("user:1", b'{"n":{}}'), (b'{"n":{}}', 0), id="an update"),
        pytest.param(b'{"push":{"channel":"user:1","pub":{"data":{]}}}}', None, id="no JSON"),
        pytest.param(b"{}", None, id="no push"),
    ],
)
def test_what_was_published_is_taken_out_of_what_is_pushed(payload, found):
    assert unwrapped(payload) == found


def test_an_id_is_read_back_as_it_was_written():
    places = [Position("a1", 7), Position("b2", (1 << 63) - 1)]
    line = event_stream.event(places, b"{}").split(b"\n")[0]

    read = places_of(line.decode().removeprefix("id: "))

    assert [(at.epoch, at.offset) for at in read] == [(at.epoch, at.offset) for at in places]
    assert all(at.recover for at in read)


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", ":7", "a1:", "a1:-1", "a1:x", "a1:7,", "a 1:7", "a1:7\n", "a1:\u0667"),
        *(f"a1:{1 << 63}", f"{'a' * 17}:7"),
    ],
    ids=ascii,
)
def test_an_id_that_was_never_written_is_refused(text):
    with pytest.raises(ValueError, match=r"^"):
        places_of(text)
