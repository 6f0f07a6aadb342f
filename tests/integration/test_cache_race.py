"""Readers and writers in several processes: nobody reads what is older than what they know."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.slow

#: Three processes count up in alice's row, each step an event with its number; three others,
#: of two threads each, listen or ask the log how far it is, and compare what they then read.
RACE = """
import json, os, random, sys, threading, time
import msgpack, redis
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from realtime import cache, log
import realtime.redis
from realtime.layer import group_name
from realtime.publish import publish
from realtime.topics import Topic

WAY, STEPS, ALICE = sys.argv[1], int(sys.argv[2]), Topic.of_user(1)
realtime.redis.TIMEOUT_SECONDS = 5  # a busy machine is not a frozen server

def count():
    [number] = User.objects.filter(pk=1).values_list("first_name", flat=True)
    time.sleep(random.random() * 0.004)  # until what was read is stored
    return int(number or 0)

def step(chance):
    with transaction.atomic():
        alice = User.objects.select_for_update().get(pk=1)
        alice.first_name = str(int(alice.first_name or 0) + 1)
        alice.save(update_fields=["first_name"])
        if WAY == "asking" and chance.random() < 0.5:
            # As if this process died after the commit: nobody is told, nothing forgotten.
            log.append_many([(str(ALICE), "{}")])
        else:
            publish(ALICE, "counted", n=int(alice.first_name))

def hear(ear, known):
    while message := ear.get_message():
        event = msgpack.unpackb(message["data"])
        known = max(known, json.loads(event["frame"])["push"]["pub"]["data"]["n"])
    return known

def listen(found, is_over):
    ear = redis.Redis.from_url(settings.REDIS_URL).pubsub(ignore_subscribe_messages=True)
    ear.subscribe(group_name(settings.REDIS_PREFIX, ALICE.group))
    known = 0
    while not is_over.is_set():
        known = hear(ear, known)
        found.append((known, cache.read(str(ALICE), count)))

def ask(found, is_over):
    while not is_over.is_set():
        position = log.position(str(ALICE))
        found.append((position[1], cache.read(str(ALICE), count, since=position)))

def child(work):
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid

def write(seed):
    chance = random.Random(seed)
    for _ in range(STEPS):
        step(chance)
        time.sleep(chance.random() * 0.002)

def read(name):
    found, is_over = [], threading.Event()
    target = listen if WAY == "hearing" else ask
    threads = [threading.Thread(target=target, args=[found, is_over]) for _ in range(2)]
    [thread.start() for thread in threads]
    while not os.path.exists("over"):
        time.sleep(0.05)
    is_over.set()
    [thread.join() for thread in threads]
    with open(name, "w") as file:
        json.dump([found, cache.metrics.cache_reads.labels("hit")._value.get()], file)

log.position(str(ALICE))
connection.close()
readers = [child(lambda: read(f"read{n}")) for n in range(3)]
writers = [child(lambda: write(n)) for n in range(3)]
[os.waitpid(pid, 0) for pid in writers]
open("over", "w").close()
[os.waitpid(pid, 0) for pid in readers]
parts = [json.load(open(f"read{n}")) for n in range(3)]
reads = [pair for found, _ in parts for pair in found]
stale = [pair for pair in reads if pair[1] < pair[0]]
print(json.dumps([count(), len(reads), sum(hits for _, hits in parts), stale[:5], len(stale)]))
"""
STEPS = 200


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("hearing", id="the events that were heard"),
        pytest.param("asking", id="the log, also where a writer died before it told"),
    ],
)
def test_nothing_is_read_that_is_older_than(installation, way):
    printed = installation.run(RACE, way, STEPS, seconds=100)

    number, reads, hits, stale, _ = json.loads(printed)
    assert number == 3 * STEPS
    assert stale == []
    assert reads > 3 * STEPS
    assert hits > 50
