"""Server-sent events: what a stream says, and when it ends."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore

from realtime import accounts, admission, heart, hub, log, permissions, roll_call, tickets, tokens
from realtime.pool import ask
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.browser_tab import log_in
from tests.delivery import say, until
from tests.http_listener import streaming
from tests.integration.hub_stage import append, without_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


async def epoch_of(topic):
    return (await ask(log.position, str(topic)))[0]


async def test_a_stream_begins_where_its_topic_is_and_goes_on_with_what_happens(session, topic):
    await say(topic, 1)
    epoch = await epoch_of(topic)
    stream = streaming(session)

    assert await stream.opens() == f"{epoch}:1"
    await say(topic, 2, 3)

    events = [await stream.event() for _ in range(2)]
    assert [(at, data["n"]) for at, data in events] == [(f"{epoch}:2", 2), (f"{epoch}:3", 3)]
    assert stream.headers == {
        "content-type": "text/event-stream",
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
    }
    await stream.leave()


@pytest.mark.parametrize("way", ["query", "header", "header before query"])
async def test_whoever_comes_back_gets_all_that_was_missed_then_what_is_new(session, topic, way):
    await say(topic, 1, 2, 3)
    epoch = await epoch_of(topic)
    query, header = f"epoch={epoch}&after=1", {"last_event_id": f"{epoch}:1"}
    stream = {
        "query": lambda: streaming(session, query),
        "header": lambda: streaming(session, **header),
        "header before query": lambda: streaming(session, "epoch=other&after=9", **header),
    }[way]()

    assert await stream.opens() == f"{epoch}:1"
    await say(topic, 4)

    assert [(await stream.event())[1]["n"] for _ in range(3)] == [2, 3, 4]
    await stream.leave()


@pytest.mark.parametrize("asked", ["other:0", "{epoch}:99"])
async def test_a_position_that_cannot_be_recovered_is_told_so(session, topic, asked):
    await say(topic, 1, 2)
    epoch = await epoch_of(topic)
    stream = streaming(session, last_event_id=asked.format(epoch=epoch))

    assert await stream.opens() == f"{epoch}:2"
    reload = await stream.block()

    assert (reload["event"], reload["id"]) == ("reload", f"{epoch}:2")
    assert reload["data"] == f'{{"topic":"{topic}","epoch":"{epoch}","offset":2}}'
    await say(topic, 3)
    assert (await stream.event())[0] == f"{epoch}:3"
    await stream.leave()


async def test_an_update_has_a_name_and_changes_no_place(session, topic):
    stream = streaming(session)
    await stream.opens()

    await ask(update, topic, "job.progressed", key="job", attempt=1, n=3)

    block = await stream.block()
    assert (block["event"], "id" in block) == ("update", False)
    assert '"n":3' in block["data"]
    await stream.leave()


async def test_other_topics_have_their_names_and_their_own_places(session, topic):
    await say(topic, 1)
    mine, site = await epoch_of(topic), await epoch_of(SITE)
    stream = streaming(session, "topics=site:all")
    assert await stream.opens() == f"{mine}:1,{site}:0"

    await say(SITE, 7)
    await ask(update, SITE, "job.progressed", key="job", attempt=1, n=3)
    await say(topic, 2)

    blocks = [await stream.block() for _ in range(3)]
    assert [block.get("event") for block in blocks] == ["site:all", "update site:all", None]
    assert blocks[0]["id"] == f"{mine}:1,{site}:1"
    assert blocks[2]["id"] == f"{mine}:2,{site}:1"
    await stream.leave()

    again = streaming(session, "topics=site:all", last_event_id=f"{mine}:1,{site}:0")
    assert await again.opens() == f"{mine}:1,{site}:0"
    assert [(await again.event())[1]["n"] for _ in range(2)] == [2, 7]
    await again.leave()


async def test_a_topic_that_may_be_heard_no_more_is_told_of_and_the_stream_goes_on(
    session, topic, monkeypatch
):
    members = {"club": True}
    monkeypatch.setattr(permissions, "_rules", dict(permissions._rules))
    permissions.register("club", lambda user, topic: members["club"])
    stream = streaming(session, "topics=club:chess")
    await stream.opens()
    members["club"] = False

    await roll_call.local().rules.ask()

    block = await stream.block()
    assert block["event"] == "unsubscribe"
    assert block["data"] == '{"topic":"club:chess","code":2000,"reason":"server unsubscribe"}'
    await say(Topic.parse("club:chess"), 1)
    await say(topic, 2)
    assert (await stream.event())[1]["n"] == 2
    await stream.leave()


async def test_silence_is_broken_by_comments(session, settings):
    settings.REALTIME = {"stream_heartbeat_seconds": 2}
    stream = streaming(session)
    await stream.opens()

    assert await stream.block() == {"": ""}
    await stream.leave()


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


async def test_events_of_another_program_cannot_break_a_stream(session, topic):
    stream = streaming(session)
    await stream.opens()
    await append(1, topic=topic)

    await hub.local().check_positions()

    assert (await stream.event())[1] == {"n": 1}
    await stream.leave()


def _subscriptions(topic):
    return hub.local()._feeds[str(topic)].subscriptions
