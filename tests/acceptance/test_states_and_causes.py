"""Every way in which a job can come to its end, with real workers, and what is then on record."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.ledger import Life, all_ended, check, lives
from tests.installation import Installation, eventually

PATIENCE = 90
ENQUEUE = """
import json, sys
from django.contrib.auth.models import User
from tasks.job import enqueue
alice = User.objects.get(username="alice")
for line in sys.stdin.readline().split(";"):
    kind, _, arguments = line.strip().partition(" ")
    print(enqueue(kind, alice, json.loads(arguments or "{}")).pk, flush=True)
"""
CANCEL = """
import sys
from django.contrib.auth.models import User
from tasks import interventions
for job_id in sys.argv[1:]:
    interventions.cancel(job_id, by=User.objects.get(username="alice"))
"""


class Platform:
    """Workers and a reconciler on an installation, and what is done to them."""

    def __init__(self, site: Installation) -> None:
        self.site = site
        site.env |= {"JOB_LEASE_SECONDS": "3", "JOB_CANCEL_GRACE_SECONDS": "1"}
        site.start_module("django", "reconcile", "--every", "0.5")

    def enqueue(self, *wanted: str) -> list[str]:
        """Enqueue ``kind {arguments}`` for alice; give the ids."""
        process = self.site.start(ENQUEUE)
        output, _ = process.communicate(";".join(wanted) + "\n", timeout=60)
        assert process.returncode == 0, output
        return output.split()

    def cancel(self, *job_ids: str) -> None:
        self.site.run(CANCEL, *job_ids)

    def runs(self, job_id: str) -> Life:
        """Wait until a job runs."""
        return eventually(lambda: (life := lives(self.site)[job_id]).state == "running" and life)

    def end(self) -> dict[str, Life]:
        """Wait until every job has ended; hold all records against each other."""
        found = eventually(lambda: all_ended(self.site), PATIENCE)
        for life in found.values():
            check(life)
        return found


def wait(kind: str, path: Path) -> str:
    return f'{kind} {{"path": "{path}"}}'


@dataclass(frozen=True)
class Row:
    """A cause, and what the record says in the end."""

    wanted: str
    state: str
    steps: str
    error: str = ""
    #: Whether it is cancelled once it runs.
    is_cancelled: bool = False
    then: Callable[[Life], bool] = field(default=lambda _: True)


ONCE, TWICE = "queued started", "queued started retrying started"
CAUSES = {
    "it returns": Row('echo {"word": "hej"}', "succeeded", f"{ONCE} succeeded"),
    "it says why it cannot": Row("refuse", "failed", f"{ONCE} failed", "The file has no columns."),
    "it raises what is worth another try": Row("stumble", "succeeded", f"{TWICE} succeeded"),
    "it asks for too much memory": Row(
        "hog", "failed", f"{ONCE} failed", "Something went wrong (MemoryError)."
    ),
    "its process dies once": Row("die_once", "succeeded", f"{TWICE} succeeded"),
    "its process dies each time": Row("die", "failed", f"{TWICE} failed", "The worker was lost."),
    "it does not end": Row(
        "spin", "failed", f"{ONCE} failed", "The job took longer than it may (1 s)."
    ),
    "it does not end whatever it is told": Row(
        "spin_deaf", "failed", f"{ONCE} failed", "The job took longer than it may (2 s)."
    ),
    "it holds the interpreter's lock": Row(
        "hold_the_lock", "failed", f"{ONCE} failed", "The job took longer than it may (3 s)."
    ),
    "it is cancelled and listens": Row(
        "wait_for", "cancelled", f"{ONCE} cancel_requested cancelled", is_cancelled=True
    ),
    "it is cancelled and does not listen": Row(
        "wait_deaf", "cancelled", f"{ONCE} cancel_requested cancelled", is_cancelled=True
    ),
}


def test_a_job_ends_as_its_cause_says_and_the_log_agrees_with_the_row(
    installation: Installation,
) -> None:
    platform = Platform(installation)
    installation.start_worker(processes=4)
    never = installation.folder / "never"
    wanted = [
        wait(row.wanted, never) if row.is_cancelled else row.wanted for row in CAUSES.values()
    ]
    ids = dict(zip(CAUSES, platform.enqueue(*wanted), strict=True))
    for cause, row in CAUSES.items():
        if row.is_cancelled:
            platform.runs(ids[cause])
            platform.cancel(ids[cause])

    ended = platform.end()

    found = {cause: ended[job_id] for cause, job_id in ids.items()}
    assert {c: (life.state, " ".join(life.steps), life.error) for c, life in found.items()} == {
        c: (row.state, row.steps, row.error) for c, row in CAUSES.items()
    }


def test_a_job_that_is_cancelled_while_it_waits_never_runs(on_sqlite: Installation) -> None:
    platform = Platform(on_sqlite)
    (job_id,) = platform.enqueue('echo {"word": "hej"}')
    platform.cancel(job_id)
    on_sqlite.start_worker()
    platform.enqueue("nothing")

    ended = platform.end()

    assert ended[job_id].steps == ["queued", "cancelled"]


def test_a_job_whose_worker_is_killed_runs_again_elsewhere(installation: Installation) -> None:
    platform = Platform(installation)
    worker = installation.start_worker(processes=2)
    path = installation.folder / "never"
    tried_again, given_up = platform.enqueue(wait("outlive", path), wait("wait_for", path))
    platform.runs(tried_again)
    platform.runs(given_up)
    os.kill(worker.pid, signal.SIGKILL)
    killed = time.monotonic()
    installation.start_worker()

    ended = platform.end()

    # The bound is the lease (3 s here) and 15 s.
    assert time.monotonic() - killed < 18
    assert ended[tried_again].steps == [*TWICE.split(), "succeeded"]
    assert ended[given_up].steps == [*ONCE.split(), "failed"]
    assert ended[given_up].error == "The worker was lost."


def test_every_job_runs_though_redis_forgets_all_of_them(
    on_sqlite: Installation, redis_server
) -> None:
    platform = Platform(on_sqlite)
    ids = platform.enqueue(*['echo {"word": "x"}'] * 100)
    with redis_server.client() as redis:
        redis.flushall()
    on_sqlite.start_worker(processes=2)

    ended = platform.end()

    assert {ended[job_id].state for job_id in ids} == {"succeeded"}
    assert {ended[job_id].attempt for job_id in ids} == {1}


def test_a_poison_job_stops_no_other(on_sqlite: Installation) -> None:
    platform = Platform(on_sqlite)
    on_sqlite.start_worker(processes=2)
    poisons = platform.enqueue("die", "spin_deaf", "die", "hold_the_lock")
    others = platform.enqueue(*['echo {"word": "x"}'] * 20)

    ended = platform.end()

    assert {ended[job_id].state for job_id in poisons} == {"failed"}
    assert {ended[job_id].state for job_id in others} == {"succeeded"}


def test_a_job_outlives_a_redis_that_is_restarted_under_it(
    on_sqlite: Installation, own_redis_server
) -> None:
    on_sqlite.env["REDIS_URL"] = own_redis_server.url
    platform = Platform(on_sqlite)
    on_sqlite.start_worker()
    path = on_sqlite.folder / "go"
    (job_id,) = platform.enqueue(wait("wait_for", path))
    platform.runs(job_id)
    own_redis_server.stop()
    time.sleep(1)
    own_redis_server.start()
    path.touch()

    ended = platform.end()

    assert ended[job_id].steps == [*ONCE.split(), "succeeded"]


@pytest.mark.postgres
def test_a_job_outlives_a_database_that_is_restarted_under_it(
    on_postgres: Installation, cluster
) -> None:
    platform = Platform(on_postgres)
    on_postgres.start_worker()
    path = on_postgres.folder / "go"
    (job_id,) = platform.enqueue(wait("wait_for", path))
    platform.runs(job_id)
    cluster.stop()
    path.touch()
    time.sleep(1)
    cluster.start()

    ended = platform.end()

    assert ended[job_id].state == "succeeded"
    assert ended[job_id].attempt == 1
