from __future__ import annotations

import json

import pytest

from realtime import hub, tokens
from realtime.topics import SITE
from tests.browser_tab import BrowserTab
from tests.delivery import say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

BAD_REQUEST = (3501, "bad request")


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
