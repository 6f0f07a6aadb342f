"""Sessions that end while events are flowing: real servers, publishers and Redis."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.integration.live_stage import Stage

RECONNECT, DISCONNECT = (3011, "force reconnect"), (3503, "force disconnect")
_FLOW = """
import itertools, time
from django.db import transaction
from realtime.publish import publish
from realtime.topics import SITE, Topic
for n in itertools.count():
    with transaction.atomic():
        publish(Topic("user", "1"), "greeting", n=n)
        publish(SITE, "greeting", n=n)
    time.sleep(0.005)
"""
_IMPORTS = """
import sys
from django.contrib.auth.models import User
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
alice = User.objects.get(username="alice")
"""
SIGN_OUT = "SessionStore(sys.argv[1]).flush()"


def act(stage: Stage, code: str) -> None:
    """Do something to alice, or to her first session, in another process."""
    stage.site.run(_IMPORTS + code, stage.sessions[0], stage.sessions[2])


def end_offset(stage: Stage) -> int:
    """Find the place of the event that tells of the end."""
    [(offset,)] = stage.site.rows(
        'SELECT "offset" FROM realtime_event e JOIN realtime_stream s ON s.id = e.stream_id '
        "WHERE s.topic = 'user:1' AND e.data LIKE '%session.ended%'"
    )
    return int(offset)


def without_redis(stage: Stage) -> None:
    """Have all that is started from now on publish into the void: each hint is lost."""
    stage.site.env["REDIS_URL"] = "unix:///nowhere.sock"


async def check_sign_out(stage: Stage, sign_out) -> None:
    """Sign a session out while events flow: up to its end it hears all, after it nothing."""
    gone, stays, bob = [await stage.open(number) for number in range(3)]
    stage.site.start(_FLOW)
    await gone.hears(20)

    await asyncio.to_thread(sign_out)

    assert await gone.end() == RECONNECT
    end = end_offset(stage)
    assert gone.offsets == list(range(1, end + 1))
    await stays.hears(end + 20)
    assert stays.offsets == list(range(1, stays.offsets[-1] + 1))
    assert not stays.listening.done()
    assert (bob.offsets, bob.listening.done()) == ([], False)


async def test_after_signing_out_over_http_nothing_later_reaches_that_session(
    installation, perform
):
    stage = perform(installation)

    await check_sign_out(stage, lambda: stage.post("/logout/", 0))


async def test_nor_does_it_when_every_hint_is_lost(installation, perform):
    stage = perform(installation, position_check_seconds=0.5)
    without_redis(stage)

    await check_sign_out(stage, lambda: act(stage, SIGN_OUT))


@pytest.fixture
def on_own_redis(on_sqlite, own_redis_server):
    on_sqlite.env["REDIS_URL"] = own_redis_server.url
    return on_sqlite


async def test_nor_does_it_when_redis_is_frozen(on_own_redis, perform, own_redis_server):
    stage = perform(on_own_redis, position_check_seconds=0.5)
    tabs = [await stage.open(number) for number in range(3)]
    stage.site.start(_FLOW)
    await tabs[0].hears(20)
    own_redis_server.process.send_signal(signal.SIGSTOP)

    await asyncio.to_thread(stage.post, "/logout/", 0)

    assert await tabs[0].end() == RECONNECT
    end = end_offset(stage)
    assert tabs[0].offsets == list(range(1, end + 1))
    await tabs[1].hears(end + 1)
    assert not any(tab.listening.done() for tab in tabs[1:])


CHANGES = {
    "a new password": ('alice.set_password("x"); alice.save()', RECONNECT),
    "deactivated": ("alice.is_active = False; alice.save()", DISCONNECT),
    "deleted": ("alice.delete()", DISCONNECT),
}
UNANNOUNCED = {
    "a new password": ('User.objects.filter(pk=alice.pk).update(password="x")', RECONNECT),
    "deactivated": ("User.objects.filter(pk=alice.pk).update(is_active=False)", DISCONNECT),
    "sessions over": (
        "Session.objects.exclude(pk=sys.argv[2]).update(expire_date=timezone.now())",
        RECONNECT,
    ),
}


@pytest.mark.parametrize(
    ("hints", "limits"),
    [
        pytest.param(True, {}, id="told at once"),
        pytest.param(False, {"position_check_seconds": 0.5}, id="every hint lost"),
    ],
)
@pytest.mark.parametrize(("change", "close"), CHANGES.values(), ids=CHANGES)
async def test_what_happens_to_a_user_ends_all_their_sockets_and_nobody_else_s(
    on_sqlite, perform, change, close, hints, limits
):
    stage = perform(on_sqlite, **limits)
    alice, tablet, bob = [await stage.open(number) for number in range(3)]
    if not hints:
        without_redis(stage)

    await asyncio.to_thread(act, stage, change)

    assert [await alice.end(), await tablet.end()] == [close, close]
    assert not bob.listening.done()


@pytest.mark.parametrize(("change", "close"), UNANNOUNCED.values(), ids=UNANNOUNCED)
async def test_what_django_does_not_announce_is_found_without_redis_too(
    on_own_redis, perform, own_redis_server, change, close
):
    stage = perform(on_own_redis, roll_call_seconds=0.5)
    alice, tablet, bob = [await stage.open(number) for number in range(3)]
    own_redis_server.process.send_signal(signal.SIGSTOP)

    await asyncio.to_thread(act, stage, change)

    assert [await alice.end(), await tablet.end()] == [close, close]
    assert not bob.listening.done()
