from __future__ import annotations

import asyncio
import logging

import pytest
from django.db import connection

from realtime import heart, hub, log, tokens
from realtime import hub as hubs
from realtime.layer import Event
from realtime.pool import ask
from realtime.subscription import MAX_HELD
from realtime.topics import SITE
from tests.browser_tab import BrowserTab
from tests.delivery import say, until
from tests.integration.hub_stage import rename_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

BAD_REQUEST = (3501, "bad request")


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
    settings.REALTIME = {"expiry_grace_seconds": -3600}
    tab = BrowserTab()
    await tab.connect(token=token)

    assert await tab.end() == (3005, "connection expired")


async def test_an_expired_token_is_answered_so_that_the_client_fetches_another(alice):
    tab = await BrowserTab().open()

    error = await tab.ask("connect", token=tokens.make(alice.pk, lifetime_seconds=-1))

    assert error == {"error": {"code": 109, "message": "token expired"}}


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
    await ask(rename_table, "realtime_stream", "away")

    await tab.say({"id": 1, "connect": {}})
    end = await tab.end()
    await ask(rename_table, "away", "realtime_stream")

    assert end == (3004, "internal server error")


async def test_a_place_that_is_lost_while_joining_ends_the_socket_and_nothing_else(
    session, monkeypatch
):
    join = hubs.Hub.join

    async def join_while_much_happens(self, topic, *args):
        page = await join(self, topic, *args)
        for offset in range(page.head + 1, page.head + MAX_HELD + 2):
            self.take(Event(str(topic), page.epoch, offset, b"{}"))
        return page

    tab = BrowserTab(session)
    await tab.connect()
    monkeypatch.setattr(hubs.Hub, "join", join_while_much_happens)
    await tab.say({"id": 2, "subscribe": {"channel": "site:all"}})

    assert await tab.end() == (3010, "insufficient state")
    assert await tab.is_quiet()
    await tab.close()


def _start_anew(topic):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE realtime_stream SET epoch = 'new' WHERE topic = %s", [topic])
