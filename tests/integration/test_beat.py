"""Beats as they run: processes of their own, killed, doubled, without Redis."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.installation import Installation, eventually

pytestmark = pytest.mark.slow

NOWHERE = "unix:///nonexistent/redis.sock?db=0"
PLAN = """
import sys
from datetime import datetime
from django_celery_beat.models import IntervalSchedule, PeriodicTask
name, seconds, missed, start = sys.argv[1:]
interval, _ = IntervalSchedule.objects.get_or_create(every=int(seconds), period="seconds")
PeriodicTask.objects.create(
    name=name, task="nothing", interval=interval, headers='{"missed": "%s"}' % missed,
    start_time=datetime.fromisoformat(start),
)
"""


def start_beat(site: Installation):
    site.env["LOG_LEVEL"] = "INFO"
    return site.start_module(
        "celery", "-A", "project", "--quiet", "beat", "--pidfile=", "-l", "INFO"
    )


def plan(site: Installation, name: str, seconds: int, missed: str = "once", start=None) -> None:
    start = start or datetime(2026, 1, 1, tzinfo=UTC)
    site.run(PLAN, name, seconds, missed, start.isoformat())


def moments(site: Installation, sql: str) -> list[datetime]:
    found = [row[0] for row in site.rows(sql)]
    if found and isinstance(found[0], str):  # SQLite's
        found = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in found]
    return [moment.astimezone(UTC) for moment in found]


def slots(site: Installation, name: str) -> list[datetime]:
    ours = f"SELECT slot FROM tasks_job WHERE schedule = '{name}' ORDER BY slot"  # noqa: S608
    return moments(site, ours)


def come_to(site: Installation, name: str) -> datetime:
    ours = f"SELECT last_slot FROM tasks_schedule WHERE name = '{name}'"  # noqa: S608
    return moments(site, ours)[0]


def put_back(site: Installation, name: str, moment: datetime) -> None:
    """Make it as it would be, had nobody looked at the schedule since that moment."""
    site.run(
        """
import sys
from datetime import datetime
from django_celery_beat.models import PeriodicTask
from tasks.models import Schedule
moment = datetime.fromisoformat(sys.argv[2])
PeriodicTask.objects.filter(name=sys.argv[1]).update(date_changed=moment)
Schedule.objects.update_or_create(name=sys.argv[1], defaults={"last_slot": moment})
""",
        name,
        moment.isoformat(),
    )


def assert_each_second_once(found: list[datetime]) -> None:
    steps = [later - earlier for earlier, later in pairwise(found)]
    assert set(steps) == {timedelta(seconds=1)}


def test_two_beats_without_redis_record_each_slot_once(installation):
    installation.env["REDIS_URL"] = NOWHERE
    plan(installation, "tick", 1)

    start_beat(installation)
    start_beat(installation)
    eventually(lambda: len(slots(installation, "tick")) >= 2, seconds=30)
    time.sleep(8)

    found = slots(installation, "tick")
    assert len(found) >= 9
    assert_each_second_once(found)
    assert come_to(installation, "tick") == found[-1]
    assert "beat.failed" not in installation.log()


def test_a_beat_that_is_killed_loses_nothing_while_another_lives(on_sqlite):
    on_sqlite.env["REDIS_URL"] = NOWHERE
    plan(on_sqlite, "tick", 1)
    first = start_beat(on_sqlite)
    eventually(lambda: slots(on_sqlite, "tick"), seconds=30)
    start_beat(on_sqlite)
    eventually(lambda: on_sqlite.log().count("beat: Starting") == 2, seconds=30)
    time.sleep(1)

    os.kill(first.pid, 9)
    count = len(slots(on_sqlite, "tick"))
    eventually(lambda: len(slots(on_sqlite, "tick")) >= count + 4)

    assert_each_second_once(slots(on_sqlite, "tick"))


def test_after_a_pause_one_missed_slot_runs_and_then_each(on_sqlite):
    on_sqlite.env["REDIS_URL"] = NOWHERE
    plan(on_sqlite, "tick", 1)
    killed = start_beat(on_sqlite)
    eventually(lambda: len(slots(on_sqlite, "tick")) >= 2, seconds=30)
    os.kill(killed.pid, 9)
    killed.wait()
    before = slots(on_sqlite, "tick")
    time.sleep(3)
    began = datetime.now(UTC)

    start_beat(on_sqlite)
    eventually(lambda: len(slots(on_sqlite, "tick")) >= len(before) + 8, seconds=30)

    late, *rest = slots(on_sqlite, "tick")[len(before) :]
    assert late - before[-1] >= timedelta(seconds=3)
    assert timedelta(0) <= late - began < timedelta(seconds=20)
    assert_each_second_once([late, *rest])


def test_what_was_missed_runs_once_or_is_skipped_as_declared(installation):
    now = datetime.now(UTC).replace(microsecond=0)
    half_an_hour_ago, two_hours_ago = now - timedelta(minutes=30), now - timedelta(hours=2)
    for missed in ("once", "skip"):
        plan(installation, missed, 3600, missed, half_an_hour_ago - timedelta(days=30))
        put_back(installation, missed, two_hours_ago)

    start_beat(installation)
    eventually(lambda: come_to(installation, "skip") == half_an_hour_ago, seconds=30)
    eventually(lambda: slots(installation, "once"), seconds=10)

    assert slots(installation, "once") == [half_an_hour_ago]
    assert slots(installation, "skip") == []
    assert "action=schedule.skipped" in installation.log()


def test_a_slots_job_is_run_by_a_worker(on_sqlite):
    plan(on_sqlite, "tick", 1)
    on_sqlite.start_worker()
    start_beat(on_sqlite)

    done = "SELECT state, owner_id FROM tasks_job WHERE schedule = 'tick' AND state = 'succeeded'"
    assert eventually(lambda: on_sqlite.rows(done), seconds=30)[0] == ("succeeded", None)


def test_the_sites_own_upkeep_is_followed(on_sqlite):
    names = ("prune the log", "remove abandoned uploads", "prune jobs", "prune inboxes")
    for name in names:
        put_back(on_sqlite, name, datetime.now(UTC) - timedelta(days=1))

    start_beat(on_sqlite)

    for name in names:
        assert len(eventually(lambda name=name: slots(on_sqlite, name), seconds=30)) == 1


@pytest.mark.postgres
def test_a_database_that_went_away_is_waited_for(on_postgres):
    plan(on_postgres, "tick", 1)
    start_beat(on_postgres)
    eventually(lambda: slots(on_postgres, "tick"), seconds=30)

    for _ in range(3):
        on_postgres.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
        time.sleep(0.7)
    count = len(slots(on_postgres, "tick"))
    eventually(lambda: len(slots(on_postgres, "tick")) >= count + 3)

    assert_each_second_once(slots(on_postgres, "tick"))
