"""A socket's entries in the books of its process."""

from __future__ import annotations

import asyncio

import pytest

from realtime import admission, roll_call
from realtime.effects import Identity
from realtime.presence import Presence
from tests.delivery import until

pytestmark = pytest.mark.usefixtures("prefix")

TTL = 3600


class Socket:
    """A bearer's socket that only notes how it was ended."""

    who = Identity("1", ttl=TTL)
    shared_topics = ()

    def __init__(self) -> None:
        self.ends = []

    def ping(self) -> None:
        pass

    def check_pong(self) -> None:
        pass

    def forbid(self, topic) -> None:
        pass

    def end(self, code, reason) -> None:
        self.ends.append((code, reason))


@pytest.fixture
def soon(settings):
    """Let tokens of ``TTL`` end at once."""
    settings.REALTIME = {"expiry_grace_seconds": 0.05 - TTL}


@pytest.mark.usefixtures("soon")
async def test_a_token_s_end_is_acted_on_after_its_grace():
    socket, presence = Socket(), Presence()
    presence.enter(socket, TTL)

    await until(lambda: socket.ends)

    assert socket.ends == [(3005, "connection expired")]


@pytest.mark.usefixtures("soon")
async def test_a_fresh_token_takes_the_old_one_s_place():
    socket, presence = Socket(), Presence()
    presence.enter(socket, TTL)
    presence.prolong(2 * TTL)

    await asyncio.sleep(0.1)

    assert socket.ends == []
    presence.leave()


@pytest.mark.usefixtures("soon")
async def test_who_has_left_is_ended_no_more_even_by_a_late_renewal():
    socket, presence = Socket(), Presence()
    presence.enter(socket, TTL)
    presence.leave()
    presence.prolong(TTL)

    await asyncio.sleep(0.1)

    assert socket.ends == []
    assert not roll_call.local().members


async def test_leaving_twice_is_leaving_once():
    first, second = Presence(), Presence()
    for presence in (first, second):
        presence.arrive(["203.0.113.7", 40000])
        presence.enter(Socket(), 0)

    first.leave()
    first.leave()

    assert len(admission.local()) == 2  # the other's user and address
    second.leave()
    assert len(admission.local()) == 0
