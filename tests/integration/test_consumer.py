from __future__ import annotations

import asyncio
import json
import logging
from signal import SIGCONT, SIGSTOP

import pytest
from django.contrib.auth.models import User
from django.db import connection

from realtime import feed, heart, hub, log, tokens
from realtime import hub as hubs
from realtime.layer import Update, encode
from realtime.pool import ask
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.browser_tab import BrowserTab, log_in
from tests.delivery import say, until, use

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

BAD_REQUEST = (3501, "bad request")


@pytest.fixture
def alice(transactional_db):
    return User.objects.create_user("alice")


@pytest.fixture
def topic(alice):
    return Topic.of_user(alice.pk)


@pytest.fixture
def session(alice):
    return log_in(alice)


@pytest.fixture
def token(alice):
    return tokens.make(alice.pk)


async def place(topic):
    epoch, offset = await ask(log.position, str(topic))
    return {"epoch": epoch, "offset": offset}


async def test_a_signed_in_tab_is_subscribed_to_its_own_topic(session, topic):
    await say(topic, 1, 2)
    at = await place(topic)

    reply = await BrowserTab(session).connect()

    assert reply["subs"] == {str(topic): {"recoverable": True, "positioned": True, **at}}
    assert (reply["ping"], reply["pong"], "expires" in reply) == (25, True, False)


async def test_a_token_opens_a_socket_until_it_ends(token, topic):
    reply = await BrowserTab().connect(token=token)

    assert list(reply["subs"]) == [str(topic)]
    assert reply["expires"]
    assert 3590 < reply["ttl"] <= 3600


async def test_events_are_pushed_to_all_tabs_of_their_person_and_to_nobody_else(session, topic):
    mallory = await ask(User.objects.create_user, "mallory")
    tabs = [BrowserTab(session), BrowserTab(session), BrowserTab(await ask(log_in, mallory))]
    for tab in tabs:
        await tab.connect()

    await say(topic, 1)
    await say(Topic.of_user(mallory.pk), 2)

    pushed = [await tab.event() for tab in tabs]
    assert [(push["data"]["n"], push["offset"]) for push in pushed] == [(1, 1), (1, 1), (2, 1)]


async def test_an_update_is_pushed_without_an_offset(session, topic):
    tab = BrowserTab(session)
    await tab.connect()

    await ask(update, topic, "job.progressed", key="job", attempt=1, n=3)

    push = await tab.event()
    assert push["data"]["n"] == 3
    assert "offset" not in push


@pytest.mark.parametrize("way", ["subs", "since"])
async def test_whoever_comes_back_gets_all_that_was_missed_then_what_is_new(session, topic, way):
    await say(topic, 1)
    at = await place(topic)
    await say(topic, 2, 3)
    positions = {
        "subs": {"subs": {str(topic): {**at, "recover": True}}},
        "since": {"data": {"since": {str(topic): at}}},
    }
    tab = BrowserTab(session)

    reply = await tab.connect(**positions[way])
    await say(topic, 4)

    sub = reply["subs"][str(topic)]
    assert (sub["recovered"], sub["was_recovering"], sub["offset"]) == (True, True, 1)
    assert [(p["data"]["n"], p["offset"]) for p in sub["publications"]] == [(2, 2), (3, 3)]
    assert (await tab.event())["offset"] == 4


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"epoch": "foreign"}, id="a foreign epoch"),
        pytest.param({"offset": 99}, id="an offset that was never reached"),
        pytest.param({"offset": 2**63 - 1}, id="an absurd offset"),
    ],
)
async def test_a_position_that_cannot_be_recovered_is_told_so(session, topic, wrong):
    await say(topic, 1, 2)
    at = await place(topic)
    asked = {**at, "recover": True, **wrong}

    reply = await BrowserTab(session).connect(subs={str(topic): asked})

    assert reply["subs"][str(topic)] == {
        "recoverable": True,
        "positioned": True,
        "was_recovering": True,
        **at,
    }


async def test_everybody_may_hear_the_site(session):
    tab = BrowserTab(session)
    await tab.connect()

    reply = await tab.ask("subscribe", channel="site:all", flag=1)
    await say(SITE, 7)

    assert reply == {"recoverable": True, "positioned": True, **await place(SITE), "offset": 0}
    assert (await tab.event())["data"]["n"] == 7


async def test_an_unsubscribed_topic_is_heard_no_more(session, topic):
    tab = BrowserTab(session)
    await tab.connect()
    await tab.ask("subscribe", channel="site:all")

    assert await tab.ask("unsubscribe", channel="site:all") == {}
    await say(SITE, 1)
    await say(topic, 2)

    assert (await tab.event())["data"]["n"] == 2


@pytest.mark.parametrize(
    ("command", "request_", "code"),
    [
        pytest.param("subscribe", {"channel": "user:999"}, 103, id="somebody else's topic"),
        pytest.param("subscribe", {"channel": "site:staff"}, 103, id="no such part of the site"),
        pytest.param("subscribe", {"channel": "moon:1"}, 102, id="an unknown kind"),
        pytest.param("subscribe", {"channel": "no topic"}, 107, id="no topic's name"),
        pytest.param("subscribe", {"channel": "user:\x00"}, 107, id="NUL"),
        pytest.param(
            "subscribe",
            {"channel": "site:all", "recover": True, "offset": 5, "epoch": "e", "flag": 2},
            112,
            id="strict about a position that is lost",
        ),
        pytest.param("publish", {"channel": "site:all", "data": {}}, 108, id="publish"),
        pytest.param("history", {"channel": "site:all"}, 108, id="history"),
        pytest.param("rpc", {"method": "x"}, 108, id="rpc"),
        pytest.param("refresh", {"token": ""}, None, id="a refresh without a token"),
    ],
)
async def test_a_refused_command_is_answered_and_the_rest_goes_on(
    session, topic, command, request_, code
):
    tab = BrowserTab(session)
    await tab.connect()

    if code is None:
        await tab.say({"id": 2, command: request_})
        assert await tab.end() == BAD_REQUEST
        return
    reply = await tab.ask(command, **request_)
    await say(SITE, 1)
    await say(topic, 2)

    assert reply["error"]["code"] == code
    assert reply["error"]["message"]
    assert (await tab.event())["data"]["n"] == 2


async def test_a_connection_has_room_for_so_many_topics(session, settings):
    settings.REALTIME = {"max_subscriptions": 1}
    tab = BrowserTab(session)
    await tab.connect()

    assert (await tab.ask("subscribe", channel="site:all"))["error"]["code"] == 106


CONNECT = {"id": 1, "connect": {}}


@pytest.mark.parametrize(
    ("messages", "replies", "end"),
    [
        pytest.param([""], 0, BAD_REQUEST, id="an empty message"),
        pytest.param(["not json"], 0, BAD_REQUEST, id="not JSON"),
        pytest.param(["[" * 60_000], 0, BAD_REQUEST, id="bottomless"),
        pytest.param(['{"id":1,"connect":{"token":7}}'], 0, BAD_REQUEST, id="a wrong type"),
        pytest.param(['{"connect":{}}'], 0, BAD_REQUEST, id="no id"),
        pytest.param(['{"id":1,"subscribe":{"channel":"site:all"}}'], 0, BAD_REQUEST, id="early"),
        pytest.param(["{}"], 0, BAD_REQUEST, id="a pong before anything"),
        pytest.param([CONNECT, "{}"], 1, BAD_REQUEST, id="a pong without a ping"),
        pytest.param([CONNECT, CONNECT], 1, BAD_REQUEST, id="a second connect"),
        pytest.param([CONNECT, {"id": 2, "shout": {}}], 1, BAD_REQUEST, id="an unknown command"),
        pytest.param(
            [CONNECT, {"id": 2, "subscribe": {"channel": "site:all", "offset": -1}}],
            1,
            BAD_REQUEST,
            id="a negative offset",
        ),
        pytest.param([CONNECT, {"send": {}}], 1, (3508, "not available"), id="a send"),
        pytest.param([b"{}"], 0, (3506, "inappropriate protocol"), id="binary"),
        pytest.param(
            ['{"id":1,"connect":{"token":"forged"}}'], 0, (3500, "invalid token"), id="forged"
        ),
        pytest.param(
            ['{"id":1,"connect":{"token":"%s"}}' % ("." * 60_000)],
            0,
            (3500, "invalid token"),
            id="a token of dots",
        ),
    ],
)
async def test_what_breaks_the_protocol_is_closed_with_a_reason(session, messages, replies, end):
    tab = await BrowserTab(session).open()

    for message in messages:
        if isinstance(message, bytes):
            await tab.send_bytes(message)
        else:
            await tab.send(message if isinstance(message, str) else json.dumps(message))
    for _ in range(replies):
        assert "error" not in await tab.hear()

    assert await tab.end() == end
    assert await tab.is_quiet()


async def test_nobody_in_particular_may_not_connect():
    tab = await BrowserTab().open()

    await tab.say(CONNECT)

    assert await tab.end() == BAD_REQUEST


async def test_commands_of_one_message_are_answered_in_their_order(session):
    tab = await BrowserTab(session).open()

    await tab.say(
        CONNECT,
        {"id": 2, "subscribe": {"channel": "moon:1"}},
        {"id": 3, "subscribe": {"channel": "site:all"}},
        {"id": 4, "unsubscribe": {"channel": "site:all"}},
    )

    assert [(await tab.hear())["id"] for _ in range(4)] == [1, 2, 3, 4]


async def test_after_a_failed_connect_the_rest_of_the_message_is_dropped(alice):
    tab = await BrowserTab().open()
    expired = tokens.make(alice.pk, lifetime_seconds=-1)

    await tab.say(
        {"id": 1, "connect": {"token": expired}}, {"id": 2, "subscribe": {"channel": "site:all"}}
    )

    assert (await tab.hear())["error"]["code"] == 109
    assert await tab.is_quiet()
    await tab.say({"id": 3, "subscribe": {"channel": "site:all"}})
    assert await tab.end() == BAD_REQUEST


async def test_after_the_end_the_rest_of_the_message_is_dropped(session):
    tab = await BrowserTab(session).open()

    await tab.say(CONNECT, CONNECT, {"id": 3, "subscribe": {"channel": "site:all"}})

    assert "connect" in await tab.hear()
    assert await tab.end() == BAD_REQUEST
    assert await tab.is_quiet()
    assert not [t for t in hub.local()._feeds.values() if t.subscriptions]


async def test_a_fresh_token_prolongs_the_connection(alice, token):
    tab = BrowserTab()
    await tab.connect(token=token)

    reply = await tab.ask("refresh", token=tokens.make(alice.pk, lifetime_seconds=60))

    assert reply["expires"]
    assert 50 < reply["ttl"] <= 60


async def test_a_token_of_somebody_else_ends_the_connection(token):
    bob = await ask(User.objects.create_user, "bob")
    tab = BrowserTab()
    await tab.connect(token=token)

    await tab.say({"id": 2, "refresh": {"token": tokens.make(bob.pk)}})

    assert await tab.end() == (3500, "invalid token")


QUICK = {"ping_seconds": 4, "pong_seconds": 1}


async def beat():
    """Let the heart beat, as if a second had passed."""
    heart.local().beat()
    heart.local()._beats.cancel()
    await asyncio.sleep(0)


async def next_ping(tab):
    while await tab.is_quiet():
        await beat()
    assert await tab.hear() == {}


async def test_a_tab_that_answers_pings_stays(session, topic, settings):
    settings.REALTIME = QUICK
    tab = BrowserTab(session)
    await tab.connect()

    for n in range(3):
        await next_ping(tab)
        await tab.send("{}")
        await say(topic, n)
        assert (await tab.event())["data"]["n"] == n
    await tab.send("{}")

    assert await tab.end() == BAD_REQUEST


async def test_a_tab_that_answers_no_ping_is_closed(session, settings):
    settings.REALTIME = QUICK
    tab = BrowserTab(session)
    await tab.connect()

    await next_ping(tab)
    await beat()

    assert await tab.end() == (3012, "no pong")


async def test_a_socket_whose_token_has_ended_is_closed_after_a_grace(token, settings):
    settings.REALTIME = {**QUICK, "expiry_grace_seconds": -3600}
    tab = BrowserTab()
    await tab.connect(token=token)

    await next_ping(tab)
    await tab.send("{}")
    while await tab.is_quiet():
        await beat()

    assert await tab.end() == (3005, "connection expired")


async def test_a_socket_that_never_says_who_it_is_is_closed(settings):
    settings.REALTIME = {"stale_seconds": 0.05}
    tab = await BrowserTab().open()

    assert await tab.end() == (3502, "stale")


async def test_a_new_history_makes_every_tab_come_back(session):
    tab = BrowserTab(session)
    await tab.connect()
    await ask(log.bump_epoch)

    await hub.local().check_positions()

    assert await tab.end() == (3010, "insufficient state")


async def test_a_lost_place_in_another_topic_is_subscribed_again(session):
    tab = BrowserTab(session)
    await tab.connect()
    await tab.ask("subscribe", channel="site:all")
    await ask(_start_anew, str(SITE))

    await hub.local().check_positions()

    push = (await tab.hear())["push"]
    assert (push["channel"], push["unsubscribe"]["code"]) == ("site:all", 2500)
    assert "epoch" in await tab.ask("subscribe", channel="site:all")


async def test_a_tab_that_goes_away_is_forgotten(session, monkeypatch):
    monkeypatch.setattr(hubs, "IDLE_SECONDS", 0)
    tab = BrowserTab(session)
    await tab.connect()
    await tab.ask("subscribe", channel="site:all")
    assert hub.local().topics == 2

    await tab.close()

    await until(lambda: hub.local().topics == 0)
    assert not any(heart.local()._slots)


async def test_without_its_database_a_socket_is_told_to_come_back(session, caplog):
    caplog.set_level(logging.CRITICAL, "realtime.consumers")
    tab = await BrowserTab(session).open()
    await ask(_rename, "realtime_stream", "away")

    await tab.say(CONNECT)
    end = await tab.end()
    await ask(_rename, "away", "realtime_stream")

    assert end == (3004, "internal server error")


async def test_a_place_that_is_lost_while_joining_ends_the_socket_and_nothing_else(
    session, settings, own_redis_server
):
    use(settings, own_redis_server)
    tab = BrowserTab(session)
    await tab.connect()
    own_redis_server.process.send_signal(SIGSTOP)

    await tab.say({"id": 2, "subscribe": {"channel": "site:all"}})
    await until(lambda: "site:all" in hub.local()._feeds)
    for n in range(1, feed.MAX_HELD + 2):
        hub.local().receive(encode(Update("site:all", "job", 1, n, b"{}")))
    own_redis_server.process.send_signal(SIGCONT)

    assert await tab.end() == (3010, "insufficient state")
    assert await tab.is_quiet()
    await tab.close()


def _rename(old, new):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {old} RENAME TO {new}")


def _start_anew(topic):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE realtime_stream SET epoch = 'new' WHERE topic = %s", [topic])
