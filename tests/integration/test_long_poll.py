"""A read that waits: it answers as the plain read does, as soon as there is something."""

from __future__ import annotations

import asyncio

import pytest
from django.contrib.sessions.backends.db import SessionStore

from realtime import admission, hub, log, roll_call, tickets, tokens
from realtime.pool import ask
from realtime.publish import update
from tests.delivery import say, until
from tests.http_listener import HttpListener
from tests.integration.hub_stage import append, without_table

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


async def place_of(topic):
    return await ask(log.position, str(topic))


async def waiting(*polls):
    """Wait until these polls wait."""
    await until(lambda: len(roll_call.local().members) == len(polls))
    return polls


async def test_what_is_there_is_answered_at_once(session, topic):
    entries = await append(1, 2, 3, topic=topic)
    epoch = entries[0].epoch

    answer = await HttpListener(session, f"epoch={epoch}&after=1&wait=55").answer()

    assert answer == (
        200,
        {
            "epoch": epoch,
            "offset": 3,
            "events": [{"offset": 2, "data": {"n": 2}}, {"offset": 3, "data": {"n": 3}}],
            "recovered": True,
        },
    )


async def test_it_answers_as_the_plain_read_does(session, topic):
    await append(*range(5), topic=topic)

    for query in ("after=0", "after=2&limit=2", "epoch=other&after=1", "after=99"):
        plain = await HttpListener(session, query).answer()

        assert await HttpListener(session, f"{query}&wait=55").answer() == plain
        assert plain[0] == 200


async def test_else_as_soon_as_an_event_arrives(session, topic):
    epoch, _ = await place_of(topic)
    (poll,) = await waiting(HttpListener(session, f"epoch={epoch}&after=0&wait=55"))
    assert await poll.is_quiet()

    await ask(update, topic, "job.progressed", key="job", attempt=1, n=3)
    await say(topic, 7)

    status, answer = await poll.answer()
    (event,) = answer["events"]
    assert (status, event["offset"], event["data"]["n"]) == (200, 1, 7)
    assert (answer["epoch"], answer["offset"], answer["recovered"]) == (epoch, 1, True)
    assert poll.headers["cache-control"] == "no-store"


async def test_what_arrives_together_is_answered_together_up_to_the_limit(session, topic):
    query = "after=0&wait=55&limit="
    polls = await waiting(HttpListener(session, query + "2"), HttpListener(session, query + "3"))
    await append(1, 2, 3, topic=topic)

    await hub.local().check_positions()

    answers = [(await poll.answer())[1] for poll in polls]
    shown = [[event["offset"] for event in answer["events"]] for answer in answers]
    assert shown == [[1, 2], [1, 2, 3]]
    assert [answer["recovered"] for answer in answers] == [False, True]


async def test_else_it_is_empty_when_the_wait_is_over(session, topic):
    epoch, _ = await place_of(topic)
    began = asyncio.get_running_loop().time()

    answer = await HttpListener(session, f"epoch={epoch}&after=0&wait=1").answer()

    empty = {"epoch": epoch, "offset": 0, "events": [], "recovered": True}
    assert answer == (200, empty)
    assert 0.9 < asyncio.get_running_loop().time() - began < 4


async def test_nothing_is_left_of_a_poll_that_was_answered_or_left(session, topic):
    answered, left = await waiting(*(HttpListener(session, "wait=55") for _ in range(2)))
    await left.leave()
    await say(topic, 1)

    await answered.answer()

    await until(lambda: not len(admission.local()))
    assert not roll_call.local().members


async def test_who_signs_out_hears_of_it_and_nothing_after_it(session, topic):
    (poll,) = await waiting(HttpListener(session, "wait=55"))

    await ask(SessionStore(session).flush)
    await say(topic, 7)

    _, answer = await poll.answer()
    assert [event["data"]["type"] for event in answer["events"]] == ["session.ended"]
    assert await HttpListener(session, "wait=55").status() == 401


async def test_who_is_signed_out_unannounced_is_told_so_at_the_roll_call(session, monkeypatch):
    (poll,) = await waiting(HttpListener(session, "wait=55"))
    monkeypatch.setattr("realtime.accounts.standing", lambda keys: set())

    await roll_call.local().call()

    status, answer = await poll.answer()
    assert (status, answer["error"]["code"]) == (401, "unauthorized")


async def test_a_new_history_has_the_client_ask_again(session, topic):
    (poll,) = await waiting(HttpListener(session, "wait=55"))
    await ask(log.bump_epoch)

    await hub.local().check_positions()

    _, answer = await poll.answer()
    assert (answer["events"], answer["recovered"]) == ([], True)
    again = f"epoch={answer['epoch']}&after=0&wait=55"
    assert not (await HttpListener(session, again).answer())[1]["recovered"]


async def test_a_database_that_is_away_is_a_503(session):
    async with without_table("realtime_stream"):
        poll = HttpListener(session, "wait=55")
        status, answer = await poll.answer()

    assert (status, answer["error"]["code"], poll.headers["retry-after"]) == (503, "busy", "1")


@pytest.mark.parametrize("way", ["session", "token", "ticket"])
async def test_a_session_a_token_and_a_ticket_open_it(session, token, topic, way):
    await append(1, topic=topic)
    poll = {
        "session": HttpListener(session, "wait=55"),
        "token": HttpListener("", "wait=55", authorization=f"Bearer {token}"),
        "ticket": HttpListener("", f"wait=55&ticket={await ask(tickets.make, session)}"),
    }[way]

    assert (await poll.answer())[1]["offset"] == 1


STREAM = {"accept": "text/event-stream"}
WRONG = [
    pytest.param("wait=0", {}, 422, id="no wait"),
    pytest.param("wait=56", {}, 422, id="too long a wait"),
    pytest.param("wait=-1", {}, 422, id="a wait before now"),
    pytest.param("wait=", {}, 422, id="an empty wait"),
    pytest.param("wait=5.5", {}, 422, id="a broken wait"),
    pytest.param("wait=%D9%A1", {}, 422, id="a wait in other digits"),
    pytest.param("wait=5&after=x", {}, 422, id="a position that is no number"),
    pytest.param(f"wait=5&after={2**63}", {}, 422, id="an absurd position"),
    pytest.param("wait=5&epoch=" + "x" * 17, {}, 422, id="no epoch's name"),
    pytest.param("wait=5&limit=301", {}, 422, id="too many at once"),
    pytest.param("wait=5&topics=site:all", {}, 422, id="a poll of other topics"),
    pytest.param("after=-1", STREAM, 422, id="a stream from before the beginning"),
    pytest.param("", {**STREAM, "last_event_id": "7"}, 422, id="an id of somebody else"),
    pytest.param("", {**STREAM, "last_event_id": "a:7:8"}, 422, id="an id with too much in it"),
    pytest.param("", {**STREAM, "last_event_id": f"a:{2**63}"}, 422, id="an absurd id"),
    pytest.param("", {**STREAM, "last_event_id": "a:1,b:2"}, 422, id="places of other topics"),
    pytest.param(
        "topics=site:all", {**STREAM, "last_event_id": "a:1"}, 422, id="too few places in an id"
    ),
    pytest.param("topics=*", STREAM, 422, id="no topic's name"),
    pytest.param("topics=site:all,site:all", STREAM, 422, id="a topic named twice"),
    pytest.param("topics=site:" + ",site:".join("abcdefghi"), STREAM, 422, id="nine topics"),
    pytest.param("topics=nothing:all", STREAM, 403, id="an unknown kind of topic"),
    pytest.param("topics=user:999999", STREAM, 403, id="somebody else's topic"),
    pytest.param("wait=5", {"origin": "https://evil.example"}, 403, id="another site's page"),
    pytest.param("wait=5", {"sec_fetch_site": "cross-site"}, 403, id="another site's image"),
    pytest.param("wait=5", {"sec_fetch_site": "same-site"}, 403, id="a neighbour's image"),
    pytest.param("wait=5", {"host": "evil.example"}, 403, id="another host"),
    pytest.param("", {**STREAM, "origin": "null"}, 403, id="a page without an origin"),
    pytest.param("wait=5", {"authorization": "Bearer x"}, 401, id="a wrong token"),
    pytest.param("wait=5&ticket=x", {}, 401, id="a wrong ticket beside the cookie"),
]


@pytest.mark.parametrize(("query", "headers", "expected"), WRONG)
async def test_a_mistake_is_refused_in_the_api_s_words(session, query, headers, expected):
    listener = HttpListener(session, query, **headers)

    status, answer = await listener.answer()

    assert (status, set(answer["error"])) == (expected, {"code", "message"})
    assert listener.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in listener.headers
    await until(lambda: not len(admission.local()))


@pytest.mark.parametrize("headers", [{}, STREAM])
async def test_strangers_are_refused(headers):
    listener = HttpListener("", "wait=5", **headers)

    assert await listener.status() == 401
    assert listener.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"is_active": False}, id="not active any more"),
        pytest.param({"password": "another"}, id="with another password since"),
    ],
)
async def test_a_claim_that_holds_no_more_is_refused(alice, session, token, change):
    await ask(type(alice).objects.filter(pk=alice.pk).update, **change)

    assert await HttpListener(session, "wait=5").status() == 401
    bearer = HttpListener("", "wait=1", authorization=f"Bearer {token}")
    assert (await bearer.answer())[0] == (401 if "is_active" in change else 200)


async def test_an_expired_token_is_refused(alice):
    expired = tokens.make(alice.pk, lifetime_seconds=-1)

    listener = HttpListener("", "wait=5", authorization=f"Bearer {expired}")

    assert await listener.status() == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
async def test_another_method_is_answered_by_the_api(session, method):
    listener = HttpListener(session, "wait=5", method=method, accept="text/event-stream")

    assert await listener.status() == 405
