"""Sessions that end while their sockets are open."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cached_db import SessionStore as CachedStore
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from realtime import admission, auth, hub, revocation, roll_call
from realtime.pool import ask
from realtime.publish import publish
from realtime.topics import SITE, Topic
from tests.browser_tab import BrowserTab, log_in, open_tab
from tests.delivery import say
from tests.integration.statements import counted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

RECONNECT, DISCONNECT = (3011, "force reconnect"), (3503, "force disconnect")


def sign_out(session):
    SessionStore(session).flush()


def change_password(user):
    user.set_password("a new one")
    user.save()


def deactivate(user):
    user.is_active = False
    user.save(update_fields=["is_active"])


@pytest.fixture(autouse=True)
def _fast_hashing(settings):
    """A slow hash on a slow machine takes longer than a socket waits for the database."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


async def ended(tab):
    """Expect the event that tells of a session's end, then the close; give both."""
    return (await tab.event())["data"]["reason"], await tab.end()


async def test_signing_out_closes_that_session_and_leaves_the_others(alice, session):
    other = await ask(log_in, alice)
    gone, stays = await open_tab(session), await open_tab(other)

    await ask(sign_out, session)

    assert await ended(gone) == ("signed_out", RECONNECT)
    assert (await stays.event())["data"]["type"] == "session.ended"
    await say(Topic.of_user(alice.pk), 7)
    assert (await stays.event())["data"]["n"] == 7


@pytest.mark.parametrize(
    ("change", "reason", "close"),
    [
        pytest.param(change_password, "password_changed", RECONNECT, id="a new password"),
        pytest.param(deactivate, "deactivated", DISCONNECT, id="deactivated"),
        pytest.param(User.delete, "deleted", DISCONNECT, id="deleted"),
    ],
)
async def test_what_happens_to_the_user_closes_all_their_sessions(
    alice, session, change, reason, close
):
    tabs = [await open_tab(session), await open_tab(await ask(log_in, alice))]

    await ask(change, alice)

    assert [await ended(tab) for tab in tabs] == [(reason, close)] * 2


@pytest.mark.parametrize(("change", "close"), [(deactivate, DISCONNECT), (User.delete, DISCONNECT)])
async def test_a_token_is_ended_with_its_user(alice, token, change, close):
    tab = await open_tab(token=token)

    await ask(change, alice)

    assert (await ended(tab))[1] == close


async def test_a_token_knows_of_no_session_and_survives_a_new_password(alice, token, topic):
    tab = await open_tab(token=token)

    await ask(change_password, alice)
    await say(topic, 7)

    assert (await tab.event())["data"]["type"] == "session.ended"
    assert (await tab.event())["data"]["n"] == 7


async def test_the_tab_that_changed_its_own_password_comes_back(alice, session, rf):
    tab = await open_tab(session)

    def change_here():
        request = rf.post("/")
        request.user, request.session = alice, SessionStore(session)
        alice.set_password("a new one")
        with transaction.atomic():
            alice.save()
            update_session_auth_hash(request, alice)
            request.session.save()
        return request.session.session_key

    renewed = await ask(change_here)

    assert (await ended(tab))[1] == RECONNECT
    assert await (await open_tab(renewed)).is_quiet()


async def test_after_a_lost_hint_nothing_committed_later_reaches_that_session(
    alice, session, topic, monkeypatch
):
    tab = await open_tab(session)
    monkeypatch.setattr("realtime.publish.tell", lambda messages: False)
    await ask(sign_out, session)
    monkeypatch.undo()

    await say(topic, 7)

    assert await ended(tab) == ("signed_out", RECONNECT)
    assert await tab.is_quiet()


async def test_a_session_that_ends_while_its_tab_connects_is_not_let_in(
    alice, session, topic, monkeypatch
):
    join = hub.Hub.join

    async def join_then_sign_out(self, *args):
        page = await join(self, *args)
        await ask(sign_out, session)
        return page

    monkeypatch.setattr(hub.Hub, "join", join_then_sign_out)
    monkeypatch.setattr("realtime.publish.tell", lambda messages: False)
    tab = await BrowserTab(session).open()
    await tab.say({"id": 1, "connect": {}})

    assert await tab.end() == (3501, "bad request")


async def test_a_session_that_ends_while_it_is_proved_is_not_let_in(session, monkeypatch):
    prove, concerns, is_told = auth.prove, revocation.concerns, threading.Event()

    def prove_then_sign_out(who):
        prove(who)
        sign_out(session)
        assert is_told.wait(10)

    def be_told(payload, who):
        is_told.set()
        return concerns(payload, who)

    monkeypatch.setattr(auth, "prove", prove_then_sign_out)
    monkeypatch.setattr(revocation, "concerns", be_told)
    tab = await BrowserTab(session).open()
    await tab.say({"id": 1, "connect": {}})

    assert await tab.end() == RECONNECT
    assert await tab.is_quiet()
    assert not roll_call.local().members
    assert not len(admission.local())


async def test_an_event_that_quotes_the_words_ends_nothing(session, topic):
    tab = await open_tab(session)

    def quote():
        with transaction.atomic():
            publish(topic, "note", reason={"type": "session.ended"})
            publish(SITE, "session.ended", session="", reason="deleted")

    await tab.ask("subscribe", channel="site:all")
    await ask(quote)
    await say(topic, 7)

    heard = [(await tab.event())["data"] for _ in range(3)]
    assert heard[-1]["n"] == 7


@pytest.mark.parametrize("engine", ["db", "cached_db"])
async def test_a_connect_asks_three_queries_in_all(session, settings, engine):
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    await (await open_tab(session)).close()

    with counted() as queries:
        tab = await open_tab(session)

    assert len(queries) <= 3, queries
    assert await tab.is_quiet()


async def test_a_session_in_a_cache_too_is_ended_and_not_let_in_again(alice, session, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    tab = await open_tab(session)

    await ask(CachedStore(session).flush)

    assert await ended(tab) == ("signed_out", RECONNECT)
    again = await BrowserTab(session).open()
    await again.say({"id": 1, "connect": {}})
    assert await again.end() == (3501, "bad request")


async def test_a_session_that_only_a_cache_remembers_is_not_let_in(session, settings):
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    await ask(CachedStore(session).load)
    await ask(Session.objects.filter(pk=session)._raw_delete, "default")

    tab = await BrowserTab(session).open()
    await tab.say({"id": 1, "connect": {}})

    assert await tab.end() == (3501, "bad request")
