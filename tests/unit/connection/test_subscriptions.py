"""Which topics a connection listens to."""

from __future__ import annotations

import pytest

from realtime.connection import Phase
from realtime.effects import Ask, End, Identity, Join, Leave, Prove, Release
from realtime.errors import UnknownTopic
from realtime.history import Page
from realtime.topics import SITE, Topic
from tests.unit.connection import ALICE, code, reply, say, subscribe


def test_the_server_subscribes_the_personal_topic(new):
    say(new, '{"id":7,"connect":{}}')

    assert new.claimed(Identity("1")) == [Join(ALICE, None)]

    answer, release = new.proved(Prove(ALICE, None, Page("e1", 5, 0, [], recovered=False)), 0)
    assert reply(answer)["id"] == 7
    assert reply(answer)["connect"]["client"] == new.client
    assert reply(answer)["connect"]["subs"] == {
        "user:1": {"recoverable": True, "positioned": True, "epoch": "e1", "offset": 5}
    }
    assert release == Release(ALICE)


def test_a_subscription_asks_before_it_joins(connection):
    assert say(connection, '{"id":2,"subscribe":{"channel":"site:all"}}') == [Ask(SITE)]
    assert SITE not in connection.topics

    assert connection.answered(SITE, allowed=True) == [Join(SITE, None)]


def test_a_subscriptions_reply_precedes_its_messages(connection):
    answer, release = subscribe(connection, SITE)

    assert reply(answer)["id"] == 2
    assert reply(answer)["subscribe"]["epoch"] == "e1"
    assert release == Release(SITE)
    assert SITE in connection.topics


def test_a_client_that_may_not_hear_is_told_so(connection):
    say(connection, '{"id":2,"subscribe":{"channel":"user:2"}}')

    assert code(connection.answered(Topic.of_user(2), allowed=False)) == 103
    assert connection.topics == {ALICE}


def test_a_topic_is_subscribed_once(connection):
    subscribe(connection, SITE)

    assert code(say(connection, '{"id":3,"subscribe":{"channel":"site:all"}}')) == 105


def test_a_connection_listens_to_a_bounded_number_of_topics(connection):
    subscribe(connection, SITE)
    subscribe(connection, Topic.parse("job:1"))

    assert code(say(connection, '{"id":3,"subscribe":{"channel":"job:2"}}')) == 106
    assert say(connection, '{"id":4,"unsubscribe":{"channel":"job:1"}}')
    assert say(connection, '{"id":5,"subscribe":{"channel":"job:2"}}') == [
        Ask(Topic.parse("job:2"))
    ]


def test_an_unknown_kind_of_topic_is_answered(connection):
    say(connection, '{"id":2,"subscribe":{"channel":"moon:1"}}')

    assert code(connection.refused(UnknownTopic())) == 102
    assert connection.phase is Phase.OPEN


@pytest.mark.parametrize(
    ("flag", "recovers", "recovered", "subscribed"),
    [
        pytest.param(2, True, False, False, id="strict, and not recovered"),
        pytest.param(3, True, False, False, id="strict with another flag"),
        pytest.param(2, True, True, True, id="strict, and recovered"),
        pytest.param(2, False, False, True, id="strict, but from now on"),
        pytest.param(1, True, False, True, id="not strict"),
    ],
)
def test_a_client_may_refuse_what_is_not_recovered(
    connection, flag, recovers, recovered, subscribed
):
    page = Page("e1", 3, 3, [], recovered=recovered)

    effects = subscribe(connection, SITE, page, recover=recovers, offset=3, epoch="e0", flag=flag)

    assert (SITE in connection.topics) is subscribed
    if not subscribed:
        assert effects[0] == Leave(SITE)
        assert code(effects[1:]) == 112


def test_unsubscribing_leaves_and_is_answered_with_an_empty_object(connection):
    subscribe(connection, SITE)

    leave, answer = say(connection, '{"id":3,"unsubscribe":{"channel":"site:all"}}')

    assert leave == Leave(SITE)
    assert reply(answer) == {"id": 3, "unsubscribe": {}}


def test_unsubscribing_from_what_was_never_subscribed_succeeds(connection):
    [answer] = say(connection, '{"id":3,"unsubscribe":{"channel":"site:all"}}')

    assert reply(answer) == {"id": 3, "unsubscribe": {}}


def test_a_lost_place_in_the_personal_topic_takes_the_connection_with_it(connection):
    assert connection.displaced(ALICE) == [End(3010, "insufficient state")]


def test_a_lost_place_in_another_topic_makes_the_client_subscribe_again(connection):
    subscribe(connection, SITE)

    leave, push = connection.displaced(SITE)

    assert leave == Leave(SITE)
    assert reply(push)["push"]["unsubscribe"]["code"] == 2500
    assert say(connection, '{"id":3,"subscribe":{"channel":"site:all"}}') == [Ask(SITE)]


def test_a_place_that_is_lost_while_joining_ends_the_connection(new):
    say(new, '{"id":1,"connect":{}}')
    new.claimed(Identity("1"))

    assert new.displaced(ALICE) == [End(3010, "insufficient state")]
