"""One client that goes from one way in to another while events flow: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random

import pytest
from django.db import transaction

from realtime import log
from realtime.pool import ask
from realtime.publish import publish
from tests.browser_tab import BrowserTab
from tests.http_listener import HttpListener, streaming

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("prefix")]

EVENTS = 600


class Client:
    """Keeps its place, and takes what is next; anything else is a mistake of the server's."""

    def __init__(self, session, topic, epoch):
        self.session, self.topic, self.epoch = session, str(topic), epoch
        self.offset = 0
        self.numbers = []

    def take(self, offset, data):
        assert offset == self.offset + 1
        self.offset = offset
        self.numbers.append(data["n"])

    async def socket(self, few):
        """Hear a few over a WebSocket, and what was recovered."""
        at = {"epoch": self.epoch, "offset": self.offset, "recover": True}
        tab = BrowserTab(self.session)
        sub = (await tab.connect(subs={self.topic: at}))["subs"][self.topic]
        assert sub["recovered"]
        for missed in sub["publications"]:
            self.take(missed["offset"], missed["data"])
        for _ in range(min(few, EVENTS - self.offset)):
            event = await tab.event()
            self.take(event["offset"], event["data"])
        await tab.close()

    async def stream(self, few):
        """Hear a few as server-sent events."""
        stream = streaming(self.session, last_event_id=f"{self.epoch}:{self.offset}")
        assert await stream.opens() == f"{self.epoch}:{self.offset}"
        for _ in range(min(few, EVENTS - self.offset)):
            place, data = await stream.event()
            epoch, _, offset = place.partition(":")
            assert epoch == self.epoch
            self.take(int(offset), data)
        await stream.leave()

    async def poll(self, few):
        """Hear what one long poll answers."""
        place = f"epoch={self.epoch}&after={self.offset}&limit={few}"
        status, answer = await HttpListener(self.session, f"{place}&wait=5").answer()
        assert (status, answer["epoch"]) == (200, self.epoch)
        for event in answer["events"]:
            self.take(event["offset"], event["data"])


@pytest.mark.parametrize("seed", range(3))
async def test_each_event_is_heard_once_and_in_order_whichever_way_is_taken(session, topic, seed):
    dice = random.Random(seed)
    epoch, _ = await ask(log.position, str(topic))
    client = Client(session, topic, epoch)
    publishing = asyncio.create_task(_publish(topic))

    while client.offset < EVENTS:
        way = dice.choice([client.socket, client.stream, client.poll])
        await way(dice.randint(1, 20))
    await publishing

    assert client.numbers == list(range(EVENTS))


async def _publish(topic):
    def burst(start):
        for n in range(start, start + 10):
            with transaction.atomic():
                publish(topic, "greeting", n=n)

    for start in range(0, EVENTS, 10):
        await ask(burst, start)
        await asyncio.sleep(0.01)
