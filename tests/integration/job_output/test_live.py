"""What jobs say in real workers, on both databases."""

from __future__ import annotations

import pytest

from tests.installation import eventually

ENQUEUE = """
import json, sys
from django.contrib.auth.models import User
from tasks.job import enqueue
alice = User.objects.get(username="alice")
for arguments in sys.argv[2:]:
    print(enqueue(sys.argv[1], alice, json.loads(arguments)).pk)
"""

CANCEL = """
import sys
from django.contrib.auth.models import User
from tasks import interventions
interventions.cancel(sys.argv[1], User.objects.get(username="alice"))
"""


def lines(installation):
    return installation.rows("SELECT n, attempt, text FROM tasks_outputline ORDER BY job_id, n")


def states(installation):
    return {state for (state,) in installation.rows("SELECT state FROM tasks_job")}


def enqueue(installation, kind, **arguments):
    told = ", ".join(f'"{name}": "{value}"' for name, value in arguments.items())
    return installation.run(ENQUEUE, kind, f"{{{told}}}")


def test_the_last_words_are_kept_however_a_job_ends(on_sqlite):
    on_sqlite.start_worker(processes=2)
    ends = ["return", "refuse", "cancel"]
    told = on_sqlite.run(ENQUEUE, "talk", *(f'{{"end": "{end}"}}' for end in ends))
    enqueue(on_sqlite, "talk_too_long", end="overrun")
    on_sqlite.run(CANCEL, told.split()[-1])

    eventually(lambda: states(on_sqlite) == {"succeeded", "failed", "cancelled"})

    assert lines(on_sqlite) == [(1, 1, f"last words before {end}") for end in [*ends, "overrun"]]


def test_a_process_that_is_killed_loses_what_was_not_yet_written_and_the_next_goes_on(installation):
    installation.start_worker()
    path = installation.folder / "enough"
    enqueue(installation, "talk_and_die", path=path)

    eventually(lambda: lines(installation) == [(1, 1, "attempt 1")])
    path.touch()

    eventually(lambda: states(installation) == {"succeeded"})
    assert lines(installation) == [(1, 1, "attempt 1"), (2, 2, "attempt 2")]


@pytest.mark.postgres
def test_on_postgresql_lines_of_a_long_transaction_are_kept_while_it_runs(on_postgres):
    on_postgres.start_worker()
    path = on_postgres.folder / "enough"
    enqueue(on_postgres, "talk_in_transaction", path=path)

    eventually(lambda: lines(on_postgres) == [(1, 1, "before"), (2, 1, "inside")])
    path.touch()

    eventually(lambda: states(on_postgres) == {"succeeded"})
    assert lines(on_postgres)[2:] == [(3, 1, "after")]


def test_on_sqlite_lines_of_a_long_transaction_are_kept_when_it_is_over(on_sqlite):
    on_sqlite.start_worker()
    path = on_sqlite.folder / "enough"
    enqueue(on_sqlite, "talk_in_transaction", path=path)
    eventually(lambda: states(on_sqlite) == {"running"})
    # A program that wants to write waits for five seconds: the keeper has tried, and was refused.
    blocked = on_sqlite.start("from django.contrib.auth.models import User; User.objects.update()")
    blocked.wait(timeout=30)
    meanwhile = lines(on_sqlite)
    path.touch()

    eventually(lambda: states(on_sqlite) == {"succeeded"})
    assert meanwhile == []
    assert lines(on_sqlite) == [(1, 1, "before"), (2, 1, "inside"), (3, 1, "after")]
    assert "keeper" not in on_sqlite.log()
