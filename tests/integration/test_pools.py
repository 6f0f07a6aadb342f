"""Which pool can do what: the same jobs under prefork, threads and solo, and who is refused."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.ledger import all_ended, check, lives
from tests.installation import Installation, eventually

pytestmark = pytest.mark.slow

ENQUEUE = """
import json, sys
from django.contrib.auth.models import User
from tasks.job import enqueue
alice = User.objects.get(username="alice")
for line in sys.argv[1:]:
    kind, _, arguments = line.partition(" ")
    print(enqueue(kind, alice, json.loads(arguments or "{}")).pk)
"""
CANCEL = """
import sys
from django.contrib.auth.models import User
from tasks import interventions
interventions.cancel(sys.argv[1], by=User.objects.get(username="alice"))
"""


def running(site: Installation, job_id: str) -> bool:
    return lives(site)[job_id].state == "running"


@pytest.mark.parametrize("pool", ["prefork", "threads", "solo"])
def test_jobs_run_and_are_cancelled_under_any_pool(on_sqlite: Installation, pool: str) -> None:
    on_sqlite.env["JOB_LEASE_SECONDS"] = "2"
    on_sqlite.start_module("django", "reconcile", "--every", "0.5")
    on_sqlite.start_worker("--pool", pool)
    never = on_sqlite.folder / "never"
    echo, waiting = on_sqlite.run(
        ENQUEUE, 'echo {"word": "hej"}', f'wait_for {{"path": "{never}"}}'
    ).split()
    eventually(lambda: running(on_sqlite, waiting))
    time.sleep(3)  # longer than the lease, which is renewed
    on_sqlite.run(CANCEL, waiting)

    ended = eventually(lambda: all_ended(on_sqlite))

    for life in ended.values():
        check(life)
    assert ended[echo].steps == ["queued", "started", "succeeded"]
    assert ended[waiting].steps == ["queued", "started", "cancel_requested", "cancelled"]


def test_among_threads_the_soft_limit_strikes_at_the_next_word(on_sqlite: Installation) -> None:
    on_sqlite.env["JOB_SOFT_LIMIT_SECONDS"] = "1"
    on_sqlite.start_worker("--pool", "threads", processes=2)
    never = on_sqlite.folder / "never"
    on_sqlite.run(ENQUEUE, f'wait_for {{"path": "{never}"}}')

    (life,) = eventually(lambda: all_ended(on_sqlite)).values()

    assert (life.state, life.error) == ("failed", "The job took longer than it may (1 s).")


def test_what_threads_cannot_kill_the_reconciler_fails(on_sqlite: Installation) -> None:
    on_sqlite.start_module("django", "reconcile", "--every", "0.5")
    on_sqlite.start_worker("--pool", "threads", processes=2)
    # Its limit is 2 s, and the reconciler leaves it to its worker for 5 s more.
    on_sqlite.run(ENQUEUE, "nap_deaf")

    (life,) = eventually(lambda: all_ended(on_sqlite), 40).values()

    check(life)
    assert (life.state, life.error) == ("failed", "The job took longer than it may (2 s).")


def test_a_pool_grows_with_what_there_is_to_do(on_sqlite: Installation) -> None:
    on_sqlite.start_module("django", "reconcile", "--every", "0.5")
    on_sqlite.start_worker("--autoscale", "3,1")
    go = on_sqlite.folder / "go"
    ids = on_sqlite.run(ENQUEUE, *[f'wait_for {{"path": "{go}"}}'] * 3).split()

    eventually(lambda: all(running(on_sqlite, job_id) for job_id in ids), 40)
    go.touch()

    assert {life.state for life in eventually(lambda: all_ended(on_sqlite)).values()} == {
        "succeeded"
    }


def test_a_flood_of_one_queue_delays_no_other(on_sqlite: Installation) -> None:
    on_sqlite.start_module("django", "reconcile", "--every", "0.5")
    for queue in ("default", "mail"):
        on_sqlite.start_worker("-Q", queue)
    never = on_sqlite.folder / "never"
    on_sqlite.run(ENQUEUE, *[f'wait_for {{"path": "{never}"}}'] * 30)
    (job_id,) = on_sqlite.run(ENQUEUE, "post").split()

    life = eventually(lambda: (found := lives(on_sqlite)[job_id]).state == "succeeded" and found)

    check(life)
    states = sorted(life.state for life in lives(on_sqlite).values())
    assert states == ["queued"] * 29 + ["running"] + ["succeeded"]


def test_green_threads_on_sqlite_are_refused_with_a_sentence(on_sqlite: Installation) -> None:
    worker = on_sqlite.start_module(
        "celery", "-A", "project", "worker", "--pool", "gevent", "-l", "ERROR"
    )

    assert worker.wait(60) == 1
    assert "The pool gevent does not work with SQLite" in on_sqlite.log()
