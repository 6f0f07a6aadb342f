"""What the keeper does beside a function that runs, also inside one long transaction."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from tasks import job as jobs_of
from tasks import jobs, keeper
from tasks.errors import LeaseLost
from tasks.job import Run
from tasks.models import Job
from tests.installation import eventually

ENQUEUE = """
import sys
from django.contrib.auth.models import User
from tasks.job import enqueue
print(enqueue(sys.argv[1], User.objects.get(username="alice"), {"path": sys.argv[2]}).pk)
"""

CANCEL = """
import sys
from django.contrib.auth.models import User
from tasks import interventions
interventions.cancel(sys.argv[1], User.objects.get(username="alice"))
"""

#: Prints the updates on alice's topic: attempt, n, the progress and the second, a line each.
LISTEN = """
import json, time, msgpack, redis
from django.conf import settings
from django.contrib.auth.models import User
from realtime.layer import group_name
from realtime.topics import Topic
alice = User.objects.get(username="alice")
pubsub = redis.Redis.from_url(settings.REDIS_URL).pubsub(ignore_subscribe_messages=True)
pubsub.subscribe(group_name(settings.REDIS_PREFIX, Topic.of_user(alice.pk).group))
print("listening", flush=True)
for message in pubsub.listen():
    said = msgpack.unpackb(message["data"])
    if said["type"] == "bellwire.update":
        data = json.loads(said["frame"])["push"]["pub"]["data"]
        line = said["attempt"], said["n"], data["job"]["progress"], time.monotonic()
        print(json.dumps(line), flush=True)
"""


def listen(installation):
    listener = installation.start(LISTEN)
    assert listener.stdout.readline() == "listening\n"
    return listener


def state_of(installation):
    ((state, progress),) = installation.rows("SELECT state, progress FROM tasks_job")
    return state, json.loads(progress) if isinstance(progress, str) else progress


@pytest.mark.parametrize(
    "kind",
    ["wait_for", pytest.param("wait_in_transaction", marks=pytest.mark.postgres)],
    ids=["in the open", "in one long transaction"],
)
def test_on_postgresql_a_function_shows_its_bar_and_is_cancelled(on_postgres, kind):
    installation = on_postgres
    listener = listen(installation)
    installation.start_worker()
    job_id = installation.run(ENQUEUE, kind, installation.folder / "never")

    first, second = (json.loads(listener.stdout.readline()) for _ in range(2))
    row = eventually(lambda: state_of(installation)[1])
    installation.run(CANCEL, job_id)

    assert first[0] == second[0] == 1
    assert first[1] < second[1]
    assert first[2]["message"] == row["message"] == "waiting"
    assert first[2]["current"] < second[2]["current"]
    eventually(lambda: state_of(installation)[0] == "cancelled")


def test_on_sqlite_a_function_is_cancelled(on_sqlite):
    on_sqlite.start_worker()
    job_id = on_sqlite.run(ENQUEUE, "wait_for", on_sqlite.folder / "never")
    eventually(lambda: state_of(on_sqlite)[0] == "running")

    on_sqlite.run(CANCEL, job_id)

    eventually(lambda: state_of(on_sqlite)[0] == "cancelled")


def test_on_sqlite_a_function_that_holds_the_only_write_lock_shows_its_bar(on_sqlite):
    listener = listen(on_sqlite)
    on_sqlite.start_worker()
    path = on_sqlite.folder / "enough"
    on_sqlite.run(ENQUEUE, "wait_in_transaction", path)

    # More than a second of updates: the row's write comes due, and is refused, among them.
    seen = [json.loads(listener.stdout.readline()) for _ in range(15)]
    row_meanwhile = state_of(on_sqlite)
    path.touch()

    numbers = [n for _, n, _, _ in seen]
    moments = [moment for *_, moment in seen]
    assert numbers == sorted(set(numbers))
    # A keeper as patient as other connections would stand still for five seconds.
    assert max(later - earlier for earlier, later in pairwise(moments)) < 3
    assert row_meanwhile == ("running", None)
    eventually(lambda: state_of(on_sqlite)[0] == "succeeded")
    assert "keeper" not in on_sqlite.log()


def test_updates_of_one_job_are_a_tenth_of_a_second_apart_and_the_last_is_sent(on_sqlite):
    listener = listen(on_sqlite)
    on_sqlite.start_worker()
    on_sqlite.run(ENQUEUE, "burst", "")

    seen = []
    while not seen or seen[-1][2]["message"] != "last":
        seen.append(json.loads(listener.stdout.readline()))
    eventually(lambda: state_of(on_sqlite)[0] == "succeeded")

    ((seconds,),) = on_sqlite.rows(
        "SELECT (julianday(finished_at) - julianday(started_at)) * 86400 FROM tasks_job"
    )
    assert 5 < len(seen) <= 1 + seconds * 10
    assert seen[-1][1] == 1000


@pytest.fixture
def watched(transactional_db, monkeypatch):
    """A running attempt and what the keeper knows of it."""
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job()
    def tally(job: Run) -> None: ...

    tally.enqueue(owner=User.objects.create(username="alice"))
    run = Run(jobs.claim("default", "w1"))
    return run, keeper._Watch(run)


def test_a_job_that_is_soon_over_costs_the_keeper_no_query(watched, django_assert_num_queries):
    run, watch = watched
    run.progress(1, 2)

    with django_assert_num_queries(0):
        watch.tick()


def test_the_row_is_written_when_it_is_due_and_then_not_for_a_second(watched):
    run, watch = watched
    run.progress(1, 2)
    watch.write_at = 0
    watch.tick()
    run.progress(2, 2)
    watch.tick()

    assert Job.objects.get().progress["current"] == 1.0


def test_an_attempt_that_was_taken_over_ends_at_its_next_word(watched):
    run, watch = watched
    Job.objects.update(token="another")
    run.meter.record(1)
    watch.write_at = 0
    watch.tick()

    with pytest.raises(LeaseLost):
        run.check()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_while_the_database_is_away_the_row_is_tried_again_and_the_bar_goes_on(
    watched, monkeypatch, error
):
    run, watch = watched
    run.progress(1, 2)
    watch.write_at = 0
    connection.close()

    def away(self):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
        watch.tick()
    before = watch.shown
    run.progress(2, 2)
    watch.tick()

    assert (before, watch.shown) == (1, 2)
    assert Job.objects.get().progress["current"] == 2.0


def test_what_is_written_and_shown_is_not_written_and_shown_again(
    watched, monkeypatch, django_assert_num_queries
):
    run, watch = watched
    shown = []
    monkeypatch.setattr("tasks.announce.progressed", lambda job, n: shown.append(n))
    run.progress(1, 2)
    watch.write_at = 0
    watch.tick()
    watch.write_at = 0

    with django_assert_num_queries(0):
        watch.tick()

    assert shown == [1]
