from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from realtime import log, tokens
from realtime.pool import ask
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.browser_tab import BrowserTab, log_in
from tests.delivery import say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

BAD_REQUEST = (3501, "bad request")


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
