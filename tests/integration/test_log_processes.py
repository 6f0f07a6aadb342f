from __future__ import annotations

import json

import pytest

ALICE, BOB = "user:1", "user:2"


FOUR_PROCESSES = """
import json, os, random
from django.db import transaction
from realtime import log

TOPICS = ["user:1", "user:2", "user:3"]

def write(chance):
    for number in range(60):
        topics = chance.sample(TOPICS, chance.randint(1, 3))
        events = [(topic, "{}") for topic in topics for _ in range(chance.randint(1, 2))]
        try:
            with transaction.atomic():
                entries = log.append_many(events)
                if chance.random() < 0.3:
                    raise ZeroDivisionError
        except ZeroDivisionError:
            continue
        yield from ((entry.topic, entry.offset) for entry in entries)

def follow(reached, reads):
    for topic in reached:
        page = log.read(topic, after=reached[topic])
        assert page.recovered, page
        for offset, _ in page.events:
            assert offset == reached[topic] + 1, (topic, offset, reached)
            reached[topic] = offset
            reads.add((topic, page.head))

writers = []
for seed in range(4):
    writers.append(os.fork())
    if writers[-1] == 0:
        kept = list(write(random.Random(seed)))
        with open(f"kept{seed}", "w") as file:
            json.dump(kept, file)
        os._exit(0)

reached, reads = dict.fromkeys(TOPICS, 0), set()
for writer in writers:
    while os.waitpid(writer, os.WNOHANG) == (0, 0):
        follow(reached, reads)
follow(reached, reads)
kept = [tuple(place) for seed in range(4) for place in json.load(open(f"kept{seed}"))]
print(json.dumps([reached, sorted(kept), len(reads)]))
"""


def test_four_processes_append_without_holes_and_in_the_order_of_their_commits(installation):
    reached, kept, reads = json.loads(installation.run(FOUR_PROCESSES))

    assert reads, "the reader saw nothing of it"
    assert sum(reached.values()) > 200
    assert kept == [[topic, n] for topic in reached for n in range(1, reached[topic] + 1)]


OPPOSITE = """
import os
from realtime import log
from realtime.publish import batch, publish
from realtime.topics import Topic

workers = []
for keys in ("12", "21"):
    workers.append(os.fork())
    if workers[-1] == 0:
        for number in range(300):
            with batch():
                for key in keys:
                    publish(Topic.of_user(key), "job.started", number=number)
        os._exit(0)
failures = [os.waitpid(worker, 0)[1] for worker in workers]
print(failures, [head for _, head in log.heads(["user:1", "user:2"]).values()])
"""

CROSS = """
import sys, threading
from django.db import OperationalError, connection, transaction
from realtime.publish import publish
from realtime.topics import Topic

meet, failed = threading.Barrier(2), []

def transition(keys):
    with connection.cursor() as cursor:
        cursor.execute("SET deadlock_timeout = '50ms'")
    try:
        with transaction.atomic():
            publish(Topic.of_user(keys[0]), "job.started")
            meet.wait()
            publish(Topic.of_user(keys[1]), "job.started")
    except OperationalError as error:
        failed.append(str(error))
    connection.close()

threads = [threading.Thread(target=transition, args=[keys]) for keys in ("12", "21")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print("deadlock detected" in "".join(failed))
"""


@pytest.mark.postgres
def test_two_workers_that_publish_in_opposite_orders_never_wait_in_a_circle(on_postgres):
    assert on_postgres.run(OPPOSITE) == "[0, 0] [600, 600]"


@pytest.mark.postgres
def test_outside_a_batch_they_may_so_the_batch_is_what_prevents_it(on_postgres):
    on_postgres.run("from realtime import log; log.read('user:1'); log.read('user:2')")

    assert on_postgres.run(CROSS) == "True"


RULES = """
import json
from datetime import timedelta
from django.db import transaction
from realtime import log

with transaction.atomic():
    log.append_many([("user:1", "{}")] * 7)
epoch = log.read("user:1").epoch
log.prune(3, timedelta(days=7))
pages = [log.read("user:1", *place) for place in [(epoch, 4), (epoch, 3), ("\\0", 4), ("", 9)]]
pages += [log.read("user:1", epoch, 2**63), log.read("user:1", epoch, -(2**63))]
print(json.dumps([[page.head, page.floor, page.recovered] for page in pages]))
"""


@pytest.mark.postgres
def test_postgresql_answers_positions_as_sqlite_does(on_postgres):
    assert json.loads(on_postgres.run(RULES)) == [[7, 4, True], *[[7, 4, False]] * 5]
