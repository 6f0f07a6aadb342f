"""Server-sent events: who may open a stream, and when it ends."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from realtime import accounts, admission, heart, hub, log, roll_call, tickets, tokens
from realtime.pool import ask
from tests.browser_tab import log_in
from tests.delivery import say, until
from tests.http_listener import streaming
from tests.integration.hub_stage import without_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


async def test_who_signs_out_hears_of_it_and_nothing_after_it(session, topic):
    stream = streaming(session)
    await stream.opens()

    await ask(SessionStore(session).flush)
    await say(topic, 7)

    assert (await stream.event())[1]["type"] == "session.ended"
    assert await stream.ends() == (3011, "force reconnect")
    assert await streaming(session).status() == 401


async def test_who_is_signed_out_unannounced_goes_at_the_roll_call(session):
    stream = streaming(session)
    await stream.opens()
    await ask(lambda: accounts.session_model().objects.all()._raw_delete("default"))

    await roll_call.local().call()

    assert await stream.ends() == (3011, "force reconnect")


async def test_a_token_s_end_is_the_stream_s_at_once(alice):
    stream = streaming(authorization=f"Bearer {tokens.make(alice.pk, lifetime_seconds=3)}")
    await stream.opens()

    assert await stream.ends() == (3005, "connection expired")


async def test_a_new_history_ends_the_stream_and_who_comes_back_reloads(session, topic):
    stream = streaming(session)
    place = await stream.opens()
    await ask(log.bump_epoch)

    await hub.local().check_positions()

    assert await stream.ends() == (3010, "insufficient state")
    again = streaming(session, last_event_id=place)
    await again.opens()
    assert (await again.block())["event"] == "reload"
    await again.leave()


async def test_a_ticket_opens_one_stream(session, topic):
    ticket = await ask(tickets.make, session)
    stream = streaming(query=f"ticket={ticket}")
    await stream.opens()
    await say(topic, 1)
    assert (await stream.event())[1]["n"] == 1
    await stream.leave()

    assert await streaming(query=f"ticket={ticket}").status() == 401


async def test_a_ticket_counts_before_the_cookie_beside_it(session, topic):
    mallory = await ask(log_in, await ask(User.objects.create_user, "mallory"))
    ticket = await ask(tickets.make, session)
    stream = streaming(mallory, f"ticket={ticket}")
    await stream.opens()

    await say(topic, 1)

    assert (await stream.event())[1]["n"] == 1
    await stream.leave()
    assert await streaming(mallory, f"ticket={ticket}").status() == 401


async def test_a_database_that_is_away_ends_the_stream_so_that_a_browser_comes_back(session):
    async with without_table("realtime_stream"):
        stream = streaming(session)
        assert await stream.status() == 200
        assert int((await stream.block())["retry"]) > 1000

        assert await stream.ends() == (3004, "internal server error")


async def test_one_user_has_so_many_sockets_and_streams_and_no_more(session, settings):
    settings.REALTIME = {"max_sockets_per_user": 1}
    first = streaming(session)
    await first.opens()

    status, answer = await streaming(session).answer()

    assert (status, answer["error"]["code"]) == (429, "too_many_requests")
    await first.leave()
    again = streaming(session)
    await again.opens()
    await again.leave()


async def test_one_address_opens_streams_at_its_pace(session, settings):
    settings.REALTIME = {"burst_handshakes": 1, "handshakes_per_second": 0.001}
    first = streaming(session)
    await first.opens()

    second = streaming(session)
    assert await second.status() == 200
    assert "retry" in await second.block()
    assert await second.ends() == (3013, "too many requests")
    await first.leave()


async def test_nothing_is_left_of_a_stream_whose_client_left(session):
    stream = streaming(session, "topics=site:all")
    await stream.opens()

    await stream.leave()

    assert not roll_call.local().members
    assert len(admission.local()) == 0
    assert not any(heart.local(15)._slots)


async def test_who_reads_slowly_is_left_behind_and_catches_up_with_all_in_order(session, topic):
    stream = streaming(session)
    await stream.opens()
    stream.reads.clear()
    await say(topic, *range(1, 151))
    await until(lambda: any(s.is_behind for s in _subscriptions(topic)))

    stream.reads.set()

    assert [(await stream.event())[1]["n"] for _ in range(150)] == list(range(1, 151))
    await stream.leave()


async def test_who_reads_nothing_for_long_is_ended_as_slow(session, topic, settings):
    settings.REALTIME = {"slow_seconds": 0.2}
    stream = streaming(session)
    await stream.opens()
    stream.reads.clear()
    await say(topic, 1)

    await until(lambda: not roll_call.local().members)
    stream.reads.set()

    assert '"code":3008' in (await stream.block())["data"]
    await stream.leave()


def _subscriptions(topic):
    return hub.local()._feeds[str(topic)].subscriptions
