"""The consumer under another ASGI server than ours, whose ``send`` may wait for its peer."""

from __future__ import annotations

import asyncio

import pytest

from realtime.consumers import NotificationConsumer
from tests.delivery import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]


async def test_when_its_peer_is_gone_nothing_goes_on():
    said, taken, never = asyncio.Queue(), [], asyncio.Event()

    async def send(message):
        taken.append(message["type"])
        if message["type"] != "websocket.accept":
            await never.wait()

    before = asyncio.all_tasks()
    scope = {"type": "websocket", "headers": [], "client": ["203.0.113.7", 40000]}
    conversation = asyncio.create_task(NotificationConsumer()(scope, said.get, send))
    await said.put({"type": "websocket.connect"})
    await said.put({"type": "websocket.receive", "bytes": b"\0"})
    await until(lambda: taken == ["websocket.accept", "websocket.close"])

    await said.put({"type": "websocket.disconnect", "code": 1006})
    await conversation

    await until(lambda: asyncio.all_tasks() == before)
