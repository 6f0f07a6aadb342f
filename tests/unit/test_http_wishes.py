"""What a GET of /api/events may wish for: read from its headers and its query."""

from __future__ import annotations

from typing import Any

import pytest

from realtime.http_wishes import Wish, wish_of
from realtime.protocol import Position
from realtime.server.handshake import Refusal
from realtime.topics import Topic

STREAM = (b"accept", b"text/event-stream")
EIGHT = [f"club:{n}" for n in range(8)]


def wish(query: str = "", *headers: tuple[bytes, bytes]) -> Wish | None:
    return wish_of({"headers": list(headers), "query_string": query.encode()})


def topics(names: list[str]) -> str:
    return "topics=" + ",".join(names)


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param([b"text/event-stream"], id="only a stream"),
        pytest.param([b"Text/Event-Stream;q=0.9"], id="in other letters"),
        pytest.param([b"application/json, text/event-stream"], id="second"),
        pytest.param([b"application/json", b"text/event-stream"], id="in a second header"),
    ],
)
def test_who_takes_a_stream_is_streamed_to(accept: list[bytes]) -> None:
    assert wish("", *((b"accept", value) for value in accept)) == Wish(None)


@pytest.mark.parametrize("accept", [b"*/*", b"application/json", b"text/event-streams"])
def test_who_does_not_name_it_is_not(accept: bytes) -> None:
    assert wish("", (b"accept", accept)) is None


def test_a_stream_hears_eight_more_topics_and_not_nine() -> None:
    heard = wish(topics(EIGHT), STREAM)

    assert heard is not None
    assert heard.others == tuple((Topic.parse(name), None) for name in EIGHT)
    with pytest.raises(Refusal, match="at most 8 more, each named once"):
        wish(topics([*EIGHT, "club:8"]), STREAM)


@pytest.mark.parametrize(
    ("query", "last", "sentence"),
    [
        pytest.param(topics(["club:1", "club:1"]), b"", "each named once", id="a topic twice"),
        pytest.param("topics=club", b"", "no topic's name", id="no topic"),
        pytest.param("", b"nonsense", "no id of ours", id="an id of somebody else's"),
        pytest.param("", b"e:1,f:2", "one place for you and one for each", id="a place too many"),
        pytest.param(topics(["club:1"]), b"e:1", "one for each of `topics`", id="a place too few"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(query: str, last: bytes, sentence: str) -> None:
    headers = [STREAM, *([(b"last-event-id", last)] if last else [])]

    with pytest.raises(Refusal, match=sentence) as caught:
        wish(query, *headers)
    assert caught.value.status == 422


def test_each_topic_goes_on_at_its_own_place() -> None:
    places: list[Any] = [Position(epoch, n, recover=True) for epoch, n in (("e", 5), ("f", 7))]

    heard = wish(topics(["club:1"]), STREAM, (b"last-event-id", b"e:5,f:7"))

    assert heard == Wish(places[0], others=((Topic.parse("club:1"), places[1]),))
