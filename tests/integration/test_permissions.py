"""Permissions that are taken back while their topic is heard."""

from __future__ import annotations

import pytest

from realtime import permissions, roll_call
from realtime.pool import ask
from realtime.topics import SITE, Topic
from tests.browser_tab import open_tab
from tests.delivery import say

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


@pytest.fixture
def club(monkeypatch):
    """A kind of topic whose members are in a set; ``calls`` are counted."""
    monkeypatch.setattr(permissions, "_rules", dict(permissions._rules))
    members, calls = set(), []

    def rule(user, topic):
        calls.append((user.pk, str(topic)))
        return user.username in members

    permissions.register("club", rule, every=3600)
    members.add("alice")
    return members, calls


async def test_one_that_was_taken_back_ends_the_subscription_at_once_when_told(session, club):
    members, _ = club
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="club:1")
    members.clear()

    await ask(permissions.changed, Topic("club", "1"))

    assert (await tab.hear())["push"] == {
        "channel": "club:1",
        "unsubscribe": {"code": 2000, "reason": "server unsubscribe"},
    }
    await say(Topic("club", "1"), 7)
    assert await tab.is_quiet()


async def test_it_is_asked_as_often_as_the_rule_says_and_once_for_all_tabs(session, club):
    _, calls = club
    for _ in range(3):
        tab = await open_tab(session)
        await tab.ask("subscribe", channel="club:1")
    calls.clear()

    for _ in range(3):
        await roll_call.local().call()

    assert len(calls) == 1


async def test_a_rule_that_fails_throws_nobody_out(session, club, caplog):
    caplog.set_level(100)
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="club:1")

    def broken(user, topic):
        raise RuntimeError

    permissions.register("club", broken)
    await roll_call.local().call()
    await say(Topic("club", "1"), 7)

    assert (await tab.event())["data"]["n"] == 7


async def test_a_built_in_topic_is_left_alone(session):
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="site:all")

    await roll_call.local().call()
    await say(SITE, 7)

    assert (await tab.event())["data"]["n"] == 7
