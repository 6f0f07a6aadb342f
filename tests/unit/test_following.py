"""What a program that follows a topic says, applies and drops."""

from __future__ import annotations

import json

import pytest

from realtime.following import (
    Anew,
    Event,
    Following,
    HangUp,
    Say,
    Update,
    backoff,
    may_come_back,
)

TOPIC = "user:1"


def connected(**place):
    place = {"epoch": "e1", "offset": 7, **place}
    return json.dumps({"id": 1, "connect": {"ping": 25, "subs": {TOPIC: place}}})


def push(offset=None, topic=TOPIC, **data):
    publication = {"data": data} if offset is None else {"offset": offset, "data": data}
    return json.dumps({"push": {"channel": topic, "pub": publication}})


@pytest.fixture
def following():
    """One that is connected, at offset 7."""
    one = Following(TOPIC)
    one.begin("token")
    assert list(one.hear(connected())) == [Anew("e1", 7, is_first=True)]
    return one


def since(following):
    return json.loads(following.begin("t"))["connect"].get("data")


def test_the_first_connect_says_no_place():
    assert since(Following(TOPIC)) is None


def test_events_are_applied_once_in_order(following):
    heard = [*following.hear(push(8, n=1)), *following.hear(push(8, n=1) + "\n" + push(9, n=2))]

    assert heard == [Event(8, {"n": 1}), Event(9, {"n": 2})]
    assert since(following) == {"since": {TOPIC: {"epoch": "e1", "offset": 9}}}


def test_updates_pass_and_move_nothing(following):
    assert list(following.hear(push(n=3))) == [Update({"n": 3})]
    assert since(following)["since"][TOPIC]["offset"] == 7


def test_a_gap_hangs_up_and_is_asked_for_again(following):
    assert list(following.hear(push(9, n=2))) == [HangUp("an event is missing")]
    assert since(following)["since"][TOPIC]["offset"] == 7


def test_what_was_missed_is_applied_when_it_is_recovered(following):
    following.begin("token")
    missed = [{"offset": n, "data": {"n": n}} for n in (8, 9)]

    heard = list(following.hear(connected(recovered=True, publications=missed)))

    assert heard == [Event(8, {"n": 8}), Event(9, {"n": 9})]


def test_what_cannot_be_recovered_is_to_be_read_anew(following):
    following.begin("token")

    heard = list(following.hear(connected(epoch="e2", offset=3, was_recovering=True)))

    assert heard == [Anew("e2", 3, is_first=False)]
    assert list(following.hear(push(4, n=4))) == [Event(4, {"n": 4})]


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        pytest.param("{}", [Say("{}")], id="a ping is answered"),
        pytest.param('{"news": 1}', [], id="a frame of a later release is ignored"),
        pytest.param(push(8, topic="site:all"), [], id="another topic is not this one"),
        pytest.param(
            '{"push": {"channel": "user:1", "unsubscribe": {"code": 2500}}}',
            [HangUp("the topic lost its place")],
            id="a lost place hangs up",
        ),
        pytest.param(
            '{"id": 1, "error": {"code": 109, "message": "token expired"}}',
            [HangUp("token expired")],
            id="a token that is over is replaced",
        ),
        pytest.param(
            '{"id": 1, "error": {"code": 103, "message": "permission denied"}}',
            [HangUp("permission denied", is_final=True)],
            id="another error is final",
        ),
        pytest.param("<html>", [HangUp("this is not Bellwire's protocol")], id="no JSON"),
        pytest.param("[]", [HangUp("this is not Bellwire's protocol")], id="no object"),
        pytest.param(
            '{"connect": {"subs": {}}}',
            [HangUp("the token is not for user:1", is_final=True)],
            id="somebody else's token",
        ),
    ],
)
def test_each_frame_has_its_answer(following, text, effects):
    assert list(following.hear(text)) == effects


@pytest.mark.parametrize(
    ("code", "may"),
    [(1006, True), (3001, True), (3012, True), (3500, False), (3503, False), (3999, False)],
)
def test_codes_say_whether_to_come_back(code, may):
    assert may_come_back(code) is may


def test_attempts_are_ever_farther_apart_up_to_a_bound():
    most = [backoff(attempt, lambda: 1.0) for attempt in (0, 1, 3, 6, 1000)]

    assert most == [1.0, 1.5, 4.5, 20.5, 20.5]
    assert backoff(1000, lambda: 0.0) == 0.5
