"""How many sockets there may be, and how fast they may command."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.db import SessionStore

from realtime import admission, heart, protocol, roll_call, tokens
from realtime.pool import ask
from tests.browser_tab import BrowserTab, open_tab
from tests.delivery import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


async def test_one_user_has_so_many_sockets_and_no_more(session, token, settings):
    settings.REALTIME = {"max_sockets_per_user": 2}
    first, _ = await open_tab(session), await open_tab(token=token)

    third = await BrowserTab(session).open()
    await third.say({"id": 1, "connect": {}})

    assert await third.end() == (3504, "connection limit")
    await first.close()
    await until(lambda: len(roll_call.local().members) == 1)
    await open_tab(session)


async def test_one_address_has_so_many_sockets_and_no_more(session, settings):
    settings.REALTIME = {"max_sockets_per_address": 1}
    first = await open_tab(session)

    assert await BrowserTab(session).is_turned_away()

    await first.close()
    await until(lambda: not len(admission.local()))
    await open_tab(session)


async def test_one_address_opens_sockets_at_its_pace(session, settings):
    settings.REALTIME = {"burst_handshakes": 2, "handshakes_per_second": 0.001}
    tabs = [await open_tab(session) for _ in range(2)]
    for tab in tabs:
        await tab.close()

    assert await BrowserTab(session).is_turned_away()


async def test_who_comes_through_a_unix_socket_has_no_address_to_count(session, settings):
    settings.REALTIME = {"max_sockets_per_address": 1}

    tabs = [BrowserTab(session) for _ in range(2)]
    for tab in tabs:
        tab.scope["client"] = None
        await tab.connect()


async def leave_before_connecting(session, token):
    tab = await BrowserTab(session).open()
    await tab.close()


async def leave_with_a_topic(session, token):
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="site:all")
    await tab.close()


async def be_refused(session, token):
    tab = await BrowserTab().open()
    await tab.say({"id": 1, "connect": {"token": "forged"}})
    await tab.end()
    await tab.close()


async def leave_while_connecting(session, token):
    tab = await BrowserTab(session).open()
    await tab.say({"id": 1, "connect": {}})
    await tab.close()


async def be_cancelled(session, token):
    tab = await open_tab(session)
    tab.cancel()


async def sign_out(session, token):
    tab = await open_tab(session)
    await ask(SessionStore(session).flush)
    await tab.event()
    await tab.end()
    await tab.close()


async def outlive_the_token(session, token):
    tab = await open_tab(token=token)
    await tab.end()
    await tab.close()


@pytest.mark.parametrize(
    "come_and_go",
    [
        leave_before_connecting,
        leave_with_a_topic,
        leave_while_connecting,
        be_refused,
        be_cancelled,
        sign_out,
        outlive_the_token,
    ],
)
async def test_whatever_ends_a_socket_nothing_of_it_stays_counted(
    session, token, settings, come_and_go
):
    settings.REALTIME = {"expiry_grace_seconds": -3600}

    await come_and_go(session, token)

    await until(lambda: not len(admission.local()))
    assert not roll_call.local().members
    assert not any(heart.local()._slots)


async def test_a_client_that_commands_too_fast_is_closed(session, settings):
    settings.REALTIME = {"burst_commands": 5, "commands_per_second": 0.001}
    tab = await open_tab(session)

    for number in range(2, 6):
        await tab.say({"id": number, "rpc": {}})
        assert (await tab.hear())["error"]["code"] == 108
    await tab.say({"id": 6, "rpc": {}})

    assert await tab.end() == (3013, "too many requests")


async def test_what_was_said_before_the_close_is_not_even_read(session, settings, monkeypatch):
    settings.REALTIME = {"burst_commands": 3, "commands_per_second": 0.001}
    tab = await open_tab(session)
    await tab.say(*[{"id": n, "rpc": {}} for n in range(2, 5)])
    assert await tab.end() == (3013, "too many requests")
    read = []
    monkeypatch.setattr(protocol, "parse", read.append)

    for n in range(5, 50):
        await tab.say({"id": n, "subscribe": {"channel": "site:all"}})
    await tab.close()

    assert read == []


async def test_an_sdk_that_renews_all_it_had_in_one_message_is_not_too_fast(session):
    tab = await BrowserTab(session).open()
    again = [{"id": n, "subscribe": {"channel": f"club:{n}"}} for n in range(2, 130)]

    await tab.say({"id": 1, "connect": {}}, *again)

    assert "connect" in await tab.hear()
    assert [(await tab.hear())["error"]["code"] for _ in again] == [102] * 128


async def test_a_token_of_another_time_still_needs_its_user(alice):
    token = tokens.make(alice.pk)
    await ask(alice.delete)
    tab = await BrowserTab().open()

    await tab.say({"id": 1, "connect": {"token": token}})

    assert await tab.end() == (3500, "invalid token")
