"""Server-sent events: what a stream says."""

from __future__ import annotations

import pytest

from realtime import hub, log, permissions, roll_call
from realtime.pool import ask
from realtime.publish import update
from realtime.topics import SITE, Topic
from tests.delivery import say
from tests.http_listener import streaming
from tests.integration.hub_stage import append

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


async def test_one_s_own_topic_is_heard_already_and_cannot_be_named_beside_it(session, topic):
    status, answer = await streaming(session, f"topics={topic}").answer()

    assert (status, answer["error"]["code"]) == (403, "forbidden")


async def test_a_topic_that_is_taken_back_while_the_next_is_joined_is_not_streamed(
    session, monkeypatch
):
    members = {"first", "second"}
    monkeypatch.setattr(permissions, "_rules", dict(permissions._rules))
    permissions.register("club", lambda user, topic: topic.key in members)
    join = hub.Hub.join

    async def join_while_another_is_taken_back(self, topic, *args):
        page = await join(self, topic, *args)
        if topic.key == "second":
            members.remove("first")
            await roll_call.local().rules.ask()
        return page

    monkeypatch.setattr(hub.Hub, "join", join_while_another_is_taken_back)

    status, answer = await streaming(session, "topics=club:first,club:second").answer()

    assert (status, answer["error"]["code"]) == (403, "forbidden")


async def test_silence_is_broken_by_comments(session, settings):
    settings.REALTIME = {"stream_heartbeat_seconds": 2}
    stream = streaming(session)
    await stream.opens()

    assert await stream.block() == {"": ""}
    await stream.leave()


async def test_events_of_another_program_cannot_break_a_stream(session, topic):
    stream = streaming(session)
    await stream.opens()
    await append(1, topic=topic)

    await hub.local().check_positions()

    assert (await stream.event())[1] == {"n": 1}
    await stream.leave()
