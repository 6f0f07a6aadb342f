"""Waking queues never makes anybody wait, whatever has become of Redis."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from tests.installation import eventually

#: Enqueues 200 jobs and prints the longest call, and how many there are.
ENQUEUE = """
import time
from django.contrib.auth.models import User
from tasks.job import enqueue
from tasks.models import Job
alice = User.objects.get(username="alice")
enqueue("nothing", alice, {})
print("ready", flush=True)
input()
longest = 0
for _ in range(200):
    began = time.perf_counter()
    enqueue("nothing", alice, {})
    longest = max(longest, time.perf_counter() - began)
print(longest, Job.objects.count())
"""

WAKE = """
import json, sys
from tasks import wake
for queue in sys.argv[1:]:
    wake.wake(queue)
"""


def enqueue_while(installation, trouble):
    program = installation.start(ENQUEUE)
    assert program.stdout.readline() == "ready\n"
    trouble()
    output, _ = program.communicate("go\n", timeout=60)
    longest, count = output.split()[-2:]
    return float(longest), int(count)


def freeze(server):
    os.kill(server.process.pid, signal.SIGSTOP)


@pytest.mark.parametrize(
    "trouble",
    [pytest.param(freeze, id="frozen"), pytest.param(lambda server: server.stop(), id="dead")],
)
def test_with_redis_in_trouble_no_enqueue_is_delayed(on_sqlite, own_redis_server, trouble):
    on_sqlite.env["REDIS_URL"] = own_redis_server.url

    longest, count = enqueue_while(on_sqlite, lambda: trouble(own_redis_server))

    assert longest < 0.5
    assert count == 201


def test_a_program_that_ends_at_once_has_sent_its_messages(on_sqlite, redis):
    on_sqlite.run(WAKE, "default", "reports", "default")

    prefix = f"{on_sqlite.env['REDIS_PREFIX']}:celery:"
    assert [redis.llen(prefix + queue) for queue in ("default", "reports")] == [2, 1]
    message = json.loads(redis.lindex(prefix + "reports", 0))
    assert message["headers"]["task"] == "tasks.work"


def test_every_message_has_an_id_of_its_own(on_sqlite, redis):
    on_sqlite.run(WAKE, "default", "default")

    messages = redis.lrange(f"{on_sqlite.env['REDIS_PREFIX']}:celery:default", 0, -1)
    assert len({json.loads(message)["headers"]["id"] for message in messages}) == 2


def test_a_program_ends_soon_though_redis_is_frozen(on_sqlite, own_redis_server):
    on_sqlite.env["REDIS_URL"] = own_redis_server.url
    program = on_sqlite.start(WAKE + "print('done', flush=True)", "default")
    freeze(own_redis_server)

    assert program.stdout.readline() == "done\n"
    began = time.monotonic()
    program.wait(timeout=30)

    assert time.monotonic() - began < 3


def test_a_forked_process_sends_its_own_messages(on_sqlite, redis):
    on_sqlite.run(
        WAKE + "import os\nwake.flush()\nif os.fork() == 0: wake.wake('images')\nelse: os.wait()",
        "default",
    )

    prefix = f"{on_sqlite.env['REDIS_PREFIX']}:celery:"
    assert [redis.llen(prefix + queue) for queue in ("default", "images")] == [1, 1]


def test_after_an_outage_messages_are_sent_again(on_sqlite, own_redis_server):
    on_sqlite.env["REDIS_URL"] = own_redis_server.url
    program = on_sqlite.start(
        "from tasks import wake\nwhile True: wake.wake('default'); input(); print('.', flush=True)"
    )
    own_redis_server.stop()
    own_redis_server.start()

    def is_woken():
        program.stdin.write("again\n")
        program.stdin.flush()
        program.stdout.readline()
        key = f"{on_sqlite.env['REDIS_PREFIX']}:celery:default"
        with own_redis_server.client() as redis:
            return redis.llen(key)

    assert eventually(is_woken)
