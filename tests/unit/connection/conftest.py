"""A connection that is new, and one that has said who it is."""

from __future__ import annotations

import pytest

from realtime.connection import Connection
from realtime.effects import Identity, Prove
from tests.unit.connection import ALICE, EMPTY, say


@pytest.fixture
def new():
    return Connection(ping_seconds=25, max_subscriptions=3)


@pytest.fixture
def connection(new):
    say(new, '{"id":1,"connect":{}}')
    new.claimed(Identity("1"))
    new.proved(Prove(ALICE, None, EMPTY), 0)
    return new
