"""Commands and their answers, from the first one on."""

from __future__ import annotations

import pytest

from realtime.connection import Phase
from realtime.effects import Authenticate, End, Identity, Join, Leave, Prove, Renew
from realtime.errors import TokenExpired
from realtime.history import Page
from realtime.protocol import Position
from realtime.topics import SITE
from tests.unit.connection import ALICE, BAD_REQUEST, EMPTY, code, reply, say, subscribe


def test_connecting_proves_who_it_is_before_anything_else(new):
    assert say(new, '{"id":1,"connect":{"token":"t"}}') == [Authenticate("t")]
    assert new.phase is Phase.CONNECTING
    assert new.topics == frozenset()


@pytest.mark.parametrize(
    "connect",
    [
        pytest.param(
            '{"subs":{"user:1":{"recover":true,"epoch":"e1","offset":3}}}', id="an SDK comes back"
        ),
        pytest.param(
            '{"data":{"since":{"user:1":{"epoch":"e1","offset":3}}}}', id="a page connects"
        ),
    ],
)
def test_a_client_that_says_where_it_is_gets_what_it_missed(new, connect):
    say(new, f'{{"id":1,"connect":{connect}}}')
    [join] = new.claimed(Identity("1"))
    assert join == Join(ALICE, Position("e1", 3, recover=True))

    page = Page("e1", 4, 0, [(4, '{"n":4}')], recovered=True)
    [proof] = new.joined(ALICE, join.at, page)
    answer, _ = new.proved(proof, 0)

    assert reply(answer)["connect"]["subs"]["user:1"] == {
        "recoverable": True,
        "positioned": True,
        "epoch": "e1",
        "offset": 3,
        "recovered": True,
        "was_recovering": True,
        "publications": [{"data": {"n": 4}, "offset": 4}],
    }


def test_the_position_of_somebody_elses_topic_is_of_no_use(new):
    say(new, '{"id":1,"connect":{"subs":{"user:2":{"recover":true,"offset":1}}}}')

    assert new.claimed(Identity("1")) == [Join(ALICE, None)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"id":1,"subscribe":{"channel":"user:1"}}', id="subscribe"),
        pytest.param('{"id":1,"unsubscribe":{"channel":"user:1"}}', id="unsubscribe"),
        pytest.param('{"id":1,"refresh":{"token":"t"}}', id="refresh"),
        pytest.param('{"id":1,"rpc":{}}', id="rpc"),
        pytest.param('{"id":1}', id="nothing"),
        pytest.param('{"send":{}}', id="send"),
    ],
)
@pytest.mark.parametrize("phase", [Phase.NEW, Phase.REFUSED])
def test_the_first_command_is_connect_and_it_must_succeed(new, phase, text):
    new.phase = phase

    assert say(new, text) == [BAD_REQUEST]


def test_a_second_connect_ends_the_connection(connection):
    assert say(connection, '{"id":2,"connect":{}}') == [BAD_REQUEST]


def test_a_refused_connect_cannot_be_tried_again(new):
    say(new, '{"id":1,"connect":{"token":"old"}}')

    assert code(new.refused(TokenExpired())) == 109
    assert say(new, '{"id":2,"connect":{}}') == [BAD_REQUEST]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param('"subscribe":{"channel":"user:1"}', 105, id="the personal topic again"),
        pytest.param('"subscribe":{"channel":"no topic"}', 107, id="no topic's name"),
        pytest.param('"subscribe":{"channel":""}', 107, id="an empty name"),
        pytest.param('"subscribe":{"channel":"user:é"}', 107, id="not ASCII"),
        pytest.param('"subscribe":{"channel":"job:%s"}' % ("x" * 300), 107, id="over-long"),
        pytest.param('"subscribe":{"channel":"site:all","type":1}', 108, id="a map"),
        pytest.param('"unsubscribe":{"channel":"no topic"}', 107, id="leaving no topic"),
        pytest.param('"unsubscribe":{"channel":"user:1"}', 103, id="leaving the personal topic"),
        pytest.param('"publish":{"channel":"user:1","data":{}}', 108, id="publish"),
        pytest.param('"presence":{"channel":"user:1"}', 108, id="presence"),
        pytest.param('"presence_stats":{"channel":"user:1"}', 108, id="presence_stats"),
        pytest.param('"history":{"channel":"user:1"}', 108, id="history"),
        pytest.param('"rpc":{"method":"x"}', 108, id="rpc"),
        pytest.param('"sub_refresh":{"channel":"user:1"}', 108, id="sub_refresh"),
    ],
)
def test_a_mistake_is_answered_not_raised(connection, request_, expected):
    effects = say(connection, f'{{"id":9,{request_}}}')

    assert code(effects) == expected
    assert reply(effects[0])["id"] == 9
    assert connection.topics == {ALICE}


@pytest.mark.parametrize("text", ['{"id":9}', '{"id":9,"shout":{}}', '{"id":9,"ping":{}}'])
def test_an_unknown_command_ends_the_connection(connection, text):
    assert say(connection, text) == [BAD_REQUEST]


def test_nobody_listens_to_a_send(connection):
    assert say(connection, '{"send":{"data":1}}') == [End(3508, "not available")]


def test_a_new_token_of_the_same_person_prolongs_the_connection(connection):
    assert say(connection, '{"id":4,"refresh":{"token":"t"}}') == [Renew("t")]

    [answer] = connection.renewed(Identity("1", ttl=60))

    assert reply(answer)["id"] == 4
    assert reply(answer)["refresh"]["ttl"] == 60


def test_a_token_of_somebody_else_ends_the_connection(connection):
    say(connection, '{"id":4,"refresh":{"token":"t"}}')

    assert connection.renewed(Identity("2", ttl=60)) == [End(3500, "invalid token")]


def test_an_expired_token_at_a_refresh_leaves_the_connection_open(connection):
    say(connection, '{"id":4,"refresh":{"token":"t"}}')

    assert code(connection.refused(TokenExpired())) == 109
    assert connection.phase is Phase.OPEN


def test_a_permission_that_was_taken_back_ends_the_subscription_for_good(connection):
    subscribe(connection, SITE)

    leave, push = connection.forbidden(SITE)

    assert leave == Leave(SITE)
    assert reply(push)["push"] == {
        "channel": "site:all",
        "unsubscribe": {"code": 2000, "reason": "server unsubscribe"},
    }


def test_one_that_is_taken_back_while_its_topic_is_joined_is_not_joined(connection):
    assert connection.forbidden(SITE) == [Leave(SITE)]


def test_nothing_is_replied_before_the_claim_is_proved(new):
    say(new, '{"id":1,"connect":{}}')
    new.claimed(Identity("1"))

    assert new.joined(ALICE, None, EMPTY) == [Prove(ALICE, None, EMPTY)]
    assert new.phase is Phase.CONNECTING
