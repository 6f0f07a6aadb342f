"""How many sockets there may be, and how fast they may command."""

from __future__ import annotations

import pytest

from realtime import roll_call, tokens
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

    second = await BrowserTab(session).open()

    assert await second.end() == (3013, "too many requests")
    await first.close()
    await until(lambda: not roll_call.local().members)
    await open_tab(session)


async def test_a_client_that_commands_too_fast_is_closed(session, settings):
    settings.REALTIME = {"burst_commands": 5, "commands_per_second": 0.001}
    tab = await open_tab(session)

    for number in range(2, 6):
        await tab.say({"id": number, "rpc": {}})
        assert (await tab.hear())["error"]["code"] == 108
    await tab.say({"id": 6, "rpc": {}})

    assert await tab.end() == (3013, "too many requests")


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
