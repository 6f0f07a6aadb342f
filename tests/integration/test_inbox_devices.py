"""Whatever is told and marked from wherever: all devices of a person end with the same inbox."""

from __future__ import annotations

import json
from contextlib import contextmanager
from itertools import count
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from realtime import inbox, inbox_rows, log
from realtime.models import Notification
from tests.integration.inbox_device import Device

KEYS = st.sampled_from(["", "", "job:7", "job:8"])
MARKS = st.sampled_from(list(inbox.Mark))
PLACES = st.lists(st.integers(0, 5), min_size=1, max_size=3)
#: What happens: on the server, and on one of two devices, whose hearing may lag behind.
STEPS = st.one_of(
    st.tuples(st.just("notify"), KEYS),
    st.tuples(st.just("notify"), KEYS),
    st.tuples(st.just("mark"), MARKS, PLACES),
    st.tuples(st.just("mark_all"), MARKS),
    st.tuples(st.just("withdraw"), KEYS),
    st.tuples(st.just("open"), st.integers(0, 1)),
    st.tuples(st.just("load"), st.integers(0, 1)),
    st.tuples(st.just("hear"), st.integers(0, 1), st.integers(1, 4)),
)


class World:
    """A person with an inbox and two devices."""

    def __init__(self) -> None:
        self.user = User.objects.create(username=uuid4().hex)
        self.topic, self.numbers = f"user:{self.user.pk}", count()
        self.opened = [0, 0]
        self.devices: list[Device | None] = [None, None]

    def rows(self) -> list[Notification]:
        rows = Notification.objects.filter(user=self.user)
        return list(rows.order_by("-at", "-pk"))

    def described(self) -> list[dict]:
        return [inbox.describe(row) for row in self.rows()]

    def notify(self, key: str) -> None:
        inbox.notify(self.user, f"number {next(self.numbers)}", key=key)

    def mark(self, as_: str, places: list[int]) -> None:
        rows = self.rows()
        inbox.mark(self.user, as_, [rows[place].pk for place in places if place < len(rows)])

    def mark_all(self, as_: str) -> None:
        inbox.mark_all(self.user, as_)

    def withdraw(self, key: str) -> None:
        inbox.withdraw(self.user, [key])

    def open(self, number: int) -> None:
        """Take a new page's position; what it knows is read later."""
        self.opened[number], self.devices[number] = log.position(self.topic)[1], None

    def load(self, number: int) -> None:
        self.devices[number] = Device(self.described(), self.opened[number])

    def hear(self, number: int, most: int) -> None:
        device = self.devices[number]
        if device is not None:
            page = log.read(self.topic, after=device.offset)
            for offset, data in page.events[:most]:
                device.hear(offset, json.loads(data))


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=30))
def test_two_devices_end_with_what_the_database_has(monkeypatch, steps):
    monkeypatch.setattr(inbox_rows, "MAX_KEPT", 5)
    with undone():
        world = World()
        for verb, *arguments in steps:
            getattr(world, verb)(*arguments)
        for number, device in enumerate(world.devices):
            if device is None:
                world.load(number)
            before = world.devices[number].offset
            world.hear(number, 1_000)

            device = world.devices[number]
            assert device.listed() == world.described()
            assert device.counted() == inbox.counts(world.user.pk)
            assert device.offset in (before, log.position(world.topic)[1])
            if device.offset > before:
                assert device.counts == device.counted()


AT_ONCE = """
import json, os, random, sys
from django.db import transaction
from realtime import inbox, inbox_rows, log
from realtime.models import Notification
from realtime.publish import batch, publish
from realtime.topics import Topic

inbox_rows.MAX_KEPT = 12

def ids(user):
    rows = Notification.objects.filter(user_id=user).order_by("?")
    return list(rows.values_list("pk", flat=True)[:4])

def act(chance):
    user = chance.choice([1, 1, 1, 2])
    match chance.randrange(7):
        case 0: inbox.mark(user, chance.choice(list(inbox.Mark)), ids(user))
        case 1: inbox.mark_all(user, chance.choice(["seen", "read", "unread"]))
        case 2: inbox.withdraw(user, ["job:1"])
        case 3:
            with batch():  # as a job's end tells: its event, then a card, for two people
                for each in chance.sample([1, 2], 2):
                    publish(Topic.of_user(each), "job.succeeded")
                    inbox.notify(each, "Done", key="job:2")
        case 4:
            with transaction.atomic():
                inbox.notify(user, "Never")
                transaction.set_rollback(True)
        case _: inbox.notify(user, "Title", key=chance.choice(["", "job:1", "job:2"]))

workers = []
for seed in range(3):
    workers.append(os.fork())
    if workers[-1] == 0:
        chance = random.Random(seed)
        for _ in range(45):
            act(chance)
        os._exit(0)
ends = [os.waitpid(worker, 0)[1] for worker in workers]

def events(user):
    after = 0
    while page := log.read(f"user:{user}", after=after).events:
        yield from ((offset, json.loads(data)) for offset, data in page)
        after = page[-1][0]

def rows(user):
    return Notification.objects.filter(user_id=user).order_by("-at", "-pk")

print(json.dumps([ends, [
    {
        "events": list(events(user)),
        "rows": [inbox.describe(row) for row in rows(user)],
        "counts": inbox.counts(user),
    }
    for user in (1, 2)
]]))
"""


def test_of_what_several_processes_do_at_once_the_stream_tells_exactly(installation):
    ends, people = json.loads(installation.run(AT_ONCE))

    assert ends == [0, 0, 0], "a process failed, of a deadlock perhaps"
    for person in people:
        device = Device()
        for offset, event in person["events"]:
            device.hear(offset, event)
            if "counts" in event:
                assert device.counted() == event["counts"], offset
        assert device.listed() == person["rows"]
        assert device.counts == person["counts"]
    assert len(people[0]["events"]) > 60
    assert all(UUID(each["id"]) for each in people[0]["rows"])
