"""Plain Celery tasks that are followed as jobs, by real workers."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.installation import eventually
from tests.integration.test_worker import final, look, told

pytestmark = pytest.mark.slow

CALL = """
import json, sys
from tests.worksite import tasks
import project.celery
def call(name, *args, owner=1, **options):
    options["headers"] = {"bellwire_owner": owner}
    print(getattr(tasks, name).apply_async(args, **options).id)
"""


def called(installation, *words):
    """Call a task for alice (1); give its id."""
    name, *args = words
    return installation.run(CALL + f"call({name!r}, *{args!r})")


def timeline(installation, job_id):
    rows = installation.rows("SELECT job_id, name, attempt FROM tasks_step ORDER BY id")
    mine = uuid.UUID(job_id)
    return [(name, attempt) for pk, name, attempt in rows if uuid.UUID(str(pk)) == mine]


def test_a_task_that_is_called_for_somebody_is_followed_to_its_end(installation):
    installation.start_worker()

    job_id = called(installation, "add", 1, 2)

    job = eventually(lambda: final(installation))[job_id]
    assert (job["state"], job["attempt"], job["result"]) == ("succeeded", 1, 3)
    assert told(installation) == ["job.queued", "job.started", "job.succeeded"]
    assert timeline(installation, job_id) == [("queued", 0), ("started", 1), ("succeeded", 1)]
    ((kind, queue, owner, arguments),) = installation.rows(
        "SELECT kind, queue, owner_id, arguments FROM tasks_job"
    )
    shown = json.loads(arguments) if isinstance(arguments, str) else arguments
    assert (kind, queue, owner) == ("tests.worksite.tasks.add", "", 1)
    assert shown == {"args": [1, 2], "kwargs": {}}


def test_an_owner_may_be_named_in_a_signature_and_without_one_nobody_is_told(on_sqlite):
    on_sqlite.start_worker()
    signature = 'tasks.add.s(3, 4).set(headers={"bellwire_owner": 1}).delay()'

    on_sqlite.run(CALL + "tasks.add.delay(1, 2)\n" + signature)

    (job,) = eventually(lambda: final(on_sqlite)).values()
    assert (job["state"], job["result"]) == ("succeeded", 7)


@pytest.mark.parametrize(
    ("words", "error", "steps"),
    [
        pytest.param(
            ("divide", 1, 0), "Something went wrong (ZeroDivisionError).", 1, id="that raises"
        ),
        pytest.param(("kill_own_process",), "The worker was lost.", 1, id="whose process dies"),
        pytest.param(
            ("sleep_long",), "The job took longer than it may (1 s).", 1, id="at its time limit"
        ),
        pytest.param(
            ("retry_until", 9), "Something went wrong (OSError).", 6, id="after its last retry"
        ),
    ],
)
def test_a_task_fails_once(on_sqlite, words, error, steps):
    on_sqlite.start_worker()

    job_id = called(on_sqlite, *words)

    job = eventually(lambda: final(on_sqlite), seconds=40)[job_id]
    assert (job["state"], job["error"], job["attempt"]) == ("failed", error, steps)
    # Whatever is told a second time comes before what is told of the next task.
    next_id = called(on_sqlite, "add", 1, 2)
    eventually(lambda: (look(on_sqlite).get(next_id) or {}).get("state") == "succeeded")
    names = [name for name, _ in timeline(on_sqlite, job_id)]
    assert names == ["queued", *["started", "retrying"] * (steps - 1), "started", "failed"]


def test_a_retry_is_told_as_any_jobs(installation):
    installation.start_worker(processes=2)

    job_id = called(installation, "retry_until", 3)

    job = eventually(lambda: final(installation), seconds=40)[job_id]
    assert (job["state"], job["attempt"], job["result"]) == ("succeeded", 3, 3)
    assert timeline(installation, job_id) == [
        ("queued", 0),
        *(("started", 1), ("retrying", 1)),
        *(("started", 2), ("retrying", 2)),
        *(("started", 3), ("succeeded", 3)),
    ]


def test_a_revoked_task_is_cancelled(on_sqlite):
    on_sqlite.start_worker()
    gate = on_sqlite.folder / "gate"
    first, second = (called(on_sqlite, "wait_until", str(gate)) for _ in range(2))
    eventually(lambda: look(on_sqlite)[first]["state"] == "running")

    on_sqlite.run(CALL + "project.celery.app.control.revoke(sys.argv[1])", second)
    on_sqlite.run(CALL + "project.celery.app.control.revoke(sys.argv[1], terminate=True)", first)

    jobs = eventually(lambda: final(on_sqlite))
    assert [jobs[pk]["state"] for pk in (first, second)] == ["cancelled", "cancelled"]
    assert timeline(on_sqlite, second) == [("queued", 0), ("cancelled", 0)]


def test_a_task_that_is_cancelled_while_it_waits_is_passed_over(on_sqlite):
    on_sqlite.start_worker()
    gate, marker = on_sqlite.folder / "gate", on_sqlite.folder / "marker"
    first = called(on_sqlite, "wait_until", str(gate))
    eventually(lambda: look(on_sqlite)[first]["state"] == "running")
    second = called(on_sqlite, "touch", str(marker))

    code = 'from tasks import interventions\ninterventions.cancel(sys.argv[1], "manage.py")'
    on_sqlite.run(CALL + code, second)
    gate.touch()
    called(on_sqlite, "add", 1, 2)

    jobs = eventually(lambda: len(look(on_sqlite)) == 3 and final(on_sqlite))
    assert (jobs[second]["state"], marker.exists()) == ("cancelled", False)


def test_a_task_that_is_called_in_a_transaction_joins_it(on_sqlite):
    code = """
from django.db import transaction
with transaction.atomic():
    call("add", 1, 2)
    transaction.set_rollback(True)
"""
    on_sqlite.run(CALL + code)
    assert look(on_sqlite) == {}

    on_sqlite.start_worker()

    (job,) = eventually(lambda: final(on_sqlite)).values()
    assert job["state"] == "succeeded"


def test_a_task_that_begins_before_its_row_is_committed_is_told_then(installation):
    installation.start_worker()
    code = """
import time
from django.db import transaction
with transaction.atomic():
    call("add", 1, 2)
    time.sleep(1)
"""
    job_id = installation.run(CALL + code)

    job = eventually(lambda: final(installation))[job_id]
    assert (job["state"], job["result"]) == ("succeeded", 3)
    assert timeline(installation, job_id) == [("queued", 0), ("started", 1), ("succeeded", 1)]


@pytest.mark.postgres
def test_a_task_does_not_wait_for_a_transaction_that_takes_long(on_postgres):
    on_postgres.start_worker()
    marker = on_postgres.folder / "marker"
    code = """
import time
from pathlib import Path
from django.db import transaction
with transaction.atomic():
    call("touch", sys.argv[1])
    while not Path(sys.argv[1]).exists():
        time.sleep(0.05)
    time.sleep(3)
"""
    job_id = on_postgres.run(CALL + code, marker, seconds=30)

    job = eventually(lambda: final(on_postgres))[job_id]
    assert job["state"] == "succeeded"
    assert timeline(on_postgres, job_id) == [("queued", 0), ("started", 1), ("succeeded", 1)]


@pytest.mark.postgres
def test_a_callers_transaction_keeps_its_own_patience(on_postgres):
    code = """
from django.db import connection, transaction
project.celery.app.conf.task_always_eager = True
with transaction.atomic(), connection.cursor() as cursor:
    call("add", 1, 2)
    cursor.execute("SHOW lock_timeout")
    print(cursor.fetchone()[0])
"""
    assert on_postgres.run(CALL + code).splitlines()[-1] == "0"
    assert [job["state"] for job in look(on_postgres).values()] == ["succeeded"]


def test_a_task_that_cannot_be_watched_runs_all_the_same(on_sqlite):
    on_sqlite.start_worker()
    ways = {
        "for nobody": "owner=99",
        "for what is no key": "owner='xxx'",
        "for a list": "owner=[1]",
        "under an id of its own": "task_id='nightly'",
    }
    markers = [on_sqlite.folder / way for way in ways]
    code = "from django.db import transaction\nwith transaction.atomic():\n"
    for marker, way in zip(markers, ways.values(), strict=True):
        code += f"    call('touch', {str(marker)!r}, {way})\n"

    on_sqlite.run(CALL + code)

    eventually(lambda: all(marker.exists() for marker in markers))
    job_id = called(on_sqlite, "add", 1, 2)
    assert list(eventually(lambda: final(on_sqlite))) == [job_id]


def test_a_group_is_followed_task_by_task(on_sqlite):
    on_sqlite.start_worker()
    code = """
from celery import group
group(tasks.add.s(n, n) for n in range(3)).apply_async(headers={"bellwire_owner": 1})
"""
    on_sqlite.run(CALL + code)

    jobs = eventually(lambda: len(look(on_sqlite)) == 3 and final(on_sqlite))
    assert sorted(job["result"] for job in jobs.values()) == [0, 2, 4]
