"""Workers that are told to stop, in fair weather and in foul."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from tests.installation import eventually

ENQUEUE = """
import sys
from django.contrib.auth.models import User
from tasks import wake
from tasks.job import enqueue
for _ in range(int(sys.argv[3])):
    enqueue(sys.argv[1], User.objects.get(username="alice"), __import__("json").loads(sys.argv[2]))
assert wake.flush(30)
"""
#: More than a worker of one process takes before it has room.
BACKLOG = 12
#: Longer than a statement waits for SQLite's lock, and all its tries without more patience.
LOCKED_SECONDS = 8
PATIENCE = 60


def states(installation):
    return dict(installation.rows("SELECT state, count(*) FROM tasks_job GROUP BY state"))


def start_waiting(installation, path):
    installation.run(ENQUEUE, "wait_for", f'{{"path": "{path}"}}', 1)
    eventually(lambda: states(installation) == {"running": 1})


def test_what_a_worker_has_in_hand_goes_back_when_it_stops(on_sqlite, redis, tmp_path):
    worker = on_sqlite.start_worker()
    start_waiting(on_sqlite, tmp_path / "go")
    on_sqlite.run(ENQUEUE, "nothing", "{}", BACKLOG)
    prefix = f"{on_sqlite.env['REDIS_PREFIX']}:celery:"
    eventually(lambda: redis.llen(f"{prefix}default") < BACKLOG)

    assert not redis.keys(f"{prefix}unacked*"), "what is in hand is kept in Redis as well"
    worker.terminate()
    (tmp_path / "go").touch()

    assert worker.wait(PATIENCE) == 0, on_sqlite.log()
    ended = states(on_sqlite).get("succeeded", 0)
    # Some may have run between the first job's end and the worker's.
    assert redis.llen(f"{prefix}default") == BACKLOG - (ended - 1)


def test_a_job_that_ends_while_the_database_is_locked_is_kept_by_a_worker_that_stops(
    on_sqlite, tmp_path
):
    worker = on_sqlite.start_worker()
    start_waiting(on_sqlite, tmp_path / "go")
    path = on_sqlite.env["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (tmp_path / "go").touch()
        worker.terminate()
        time.sleep(LOCKED_SECONDS)
        other.execute("ROLLBACK")

    assert worker.wait(PATIENCE) == 0, on_sqlite.log()
    assert states(on_sqlite) == {"succeeded": 1}
