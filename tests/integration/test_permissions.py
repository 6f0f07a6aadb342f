"""Permissions that are taken back while their topic is heard."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from realtime import hub, permissions, reasking, roll_call
from realtime.pool import ask
from realtime.topics import SITE, Topic
from tests.browser_tab import log_in, open_tab
from tests.delivery import say, undone, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

CLUB = Topic("club", "1")
TAKEN_BACK = {
    "channel": "club:1",
    "unsubscribe": {"code": 2000, "reason": "server unsubscribe"},
}


class Club:
    """A kind of topic for members; ``calls`` are noted, and ``fails`` makes its rule raise."""

    def __init__(self) -> None:
        self.members = {"alice"}
        self.calls = []
        self.fails = False

    def rule(self, user, topic):
        self.calls.append((user.pk, str(topic)))
        if self.fails:
            raise DatabaseError
        return user.username in self.members


@pytest.fixture
def club(monkeypatch):
    monkeypatch.setattr(permissions, "_rules", dict(permissions._rules))
    club = Club()
    permissions.register("club", club.rule, every=3600)
    return club


async def listen(session):
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="club:1")
    return tab


def ask_rules():
    return roll_call.local().rules.ask()


async def test_one_that_was_taken_back_ends_the_subscription_at_once_when_told(session, club):
    tab = await listen(session)
    club.members.clear()

    await ask(permissions.changed, CLUB)

    assert (await tab.hear())["push"] == TAKEN_BACK
    await say(CLUB, 7)
    assert await tab.is_quiet()


async def test_one_that_was_taken_back_is_taken_from_every_tab(session, club):
    tabs = [await listen(session) for _ in range(3)]
    club.members.clear()

    await ask(permissions.changed, CLUB)

    assert [(await tab.hear())["push"] for tab in tabs] == [TAKEN_BACK] * 3


async def test_one_that_was_taken_back_from_one_person_is_left_to_the_others(session, club):
    club.members.add("bob")
    bob = await ask(User.objects.create_user, "bob")
    his, hers = await listen(await ask(log_in, bob)), await listen(session)
    club.members.remove("bob")

    await ask(permissions.changed, CLUB)
    assert (await his.hear())["push"] == TAKEN_BACK
    await say(CLUB, 7)

    assert (await hers.event())["data"]["n"] == 7


async def test_a_change_is_told_of_when_it_is_committed(session, club):
    tab = await listen(session)

    def change():
        with transaction.atomic():
            permissions.changed(CLUB)
            club.members.clear()

    await ask(change)

    assert (await tab.hear())["push"] == TAKEN_BACK


async def test_a_change_that_is_rolled_back_is_not_told_of(session, club, wire):
    tab = await listen(session)
    wire.heard()

    def change():
        with undone(transaction.atomic()):
            permissions.changed(CLUB)

    await ask(change)

    assert wire.heard() == []
    assert await tab.is_quiet()


async def test_it_is_asked_as_often_as_the_rule_says_and_once_for_all_tabs(session, club):
    tabs = [await listen(session) for _ in range(3)]
    club.calls.clear()

    for _ in range(3):
        await ask_rules()

    assert (len(club.calls), len(tabs)) == (1, 3)


async def test_a_change_is_asked_about_though_the_rule_is_not_due(session, club):
    tab = await listen(session)
    await ask_rules()
    club.members.clear()
    await ask_rules()
    assert await tab.is_quiet()

    await ask(permissions.changed, CLUB)

    assert (await tab.hear())["push"] == TAKEN_BACK


async def test_a_burst_of_changes_is_asked_about_together(session, club):
    tab = await listen(session)
    await ask_rules()
    club.calls.clear()

    def change_often():
        for _ in range(50):
            permissions.changed(CLUB)

    await ask(change_often)

    await until(lambda: club.calls)
    assert await tab.is_quiet()
    assert len(club.calls) < 10


async def test_one_that_is_taken_back_while_its_topic_is_joined_is_not_given(
    session, club, monkeypatch
):
    join = hub.Hub.join

    async def join_while_it_is_taken_back(self, topic, *args):
        page = await join(self, topic, *args)
        club.members.clear()
        await ask_rules()
        return page

    tab = await open_tab(session)
    monkeypatch.setattr(hub.Hub, "join", join_while_it_is_taken_back)

    refusal = await tab.ask("subscribe", channel="club:1")
    await say(CLUB, 7)

    assert refusal["error"]["code"] == 103
    assert await tab.is_quiet()


async def test_a_rule_that_fails_throws_nobody_out_and_is_asked_again(session, club, caplog):
    caplog.set_level(100)
    tab = await listen(session)
    club.fails = True

    await ask_rules()
    await say(CLUB, 7)
    assert (await tab.event())["data"]["n"] == 7

    club.fails = False
    club.members.clear()
    await ask_rules()
    assert (await tab.hear())["push"] == TAKEN_BACK


async def test_a_rule_that_fails_for_long_is_taken_for_a_no(session, club, caplog, settings):
    caplog.set_level(100)
    settings.REALTIME = {"unasked_seconds": 0}
    tab = await listen(session)
    club.fails = True

    await ask_rules()

    assert (await tab.hear())["push"] == TAKEN_BACK


async def test_rules_that_could_not_be_asked_are_asked_again(session, club, caplog, monkeypatch):
    caplog.set_level(100)
    tab = await listen(session)
    club.members.clear()

    def away(user_ids):
        raise DatabaseError

    with monkeypatch.context() as database:
        database.setattr("realtime.accounts.users", away)
        await ask_rules()
    assert await tab.is_quiet()

    await ask_rules()
    assert (await tab.hear())["push"] == TAKEN_BACK


async def test_slow_rules_give_way_to_others_and_are_all_asked(session, club, monkeypatch):
    monkeypatch.setattr(reasking, "_TURN_SECONDS", 0)
    tab = await open_tab(session)
    for number in range(3):
        await tab.ask("subscribe", channel=f"club:{number}")
    club.calls.clear()

    await ask_rules()

    assert len(club.calls) == 3


async def test_a_built_in_topic_is_left_alone(session):
    tab = await open_tab(session)
    await tab.ask("subscribe", channel="site:all")

    await ask_rules()
    await say(SITE, 7)

    assert (await tab.event())["data"]["n"] == 7
