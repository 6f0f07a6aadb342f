"""The pytest plugin's worker, as a site's own tests use it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tasks import wake
from tasks.job import enqueue
from tasks.models import Job
from tasks.states import State
from tasks.testing import worker as workers
from tasks.testing.worker import running_worker
from tests.installation import eventually
from tests.terminal import descendants

pytestmark = pytest.mark.slow

LETTER = {"recipients": ["a@example.com"], "subject": "Hello", "body": "Hi"}


@pytest.fixture
def person(transactional_db):
    return User.objects.create_user("alice")


@pytest.fixture
def letters(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "letters"
    return settings.EMAIL_FILE_PATH


def test_a_job_runs_in_another_process_with_the_tests_settings_and_pages_hear_of_it(
    person, letters, bellwire_worker, open_tab
):
    tab = open_tab(person)

    job = enqueue("mail", person, LETTER)

    tab.wait_for("job.succeeded", seconds=30, kind="mail")
    done = bellwire_worker.wait_for(job)
    assert (done.state, done.progress["current"]) == (State.SUCCEEDED, 1)
    assert done.worker.startswith(bellwire_worker.name)
    assert [len(letter.read_text().split("Subject: Hello")) for letter in letters.iterdir()] == [2]


def test_a_retry_that_has_fallen_due_is_woken_by_the_command(
    person, settings, bellwire_redis, tmp_path
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    with running_worker(tmp_path):
        job = enqueue("mail", person, LETTER)
        found = Job.objects.filter(pk=job.pk)
        eventually(lambda: found.get().state == State.RETRYING)
        found.update(run_after=timezone.now())
        call_command("reconcile", once=True)

        eventually(lambda: found.get().attempt == 2, seconds=3)


@pytest.mark.postgres
def test_it_finds_the_tests_database_on_postgresql(cluster):
    this = f"{__file__}::test_a_job_runs_in_another_process_with_the_tests_settings"

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         f"{this}_and_pages_hear_of_it"],
        env={**os.environ, "DATABASE_URL": cluster.create("shop")},
        cwd=Path(__file__).parents[2],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip

    assert "1 passed" in ran.stdout, ran.stdout


def test_what_was_enqueued_before_runs_too_wherever_messages_went_until_then(
    person, bellwire_redis, settings, tmp_path
):
    with running_worker(tmp_path):
        settings.REDIS_PREFIX += "-later"
    jobs = [enqueue("mail", person, LETTER)]
    wake.flush()

    with running_worker(tmp_path) as worker:
        jobs.append(enqueue("mail", person, LETTER))

        assert [worker.wait_for(job).state for job in jobs] == [State.SUCCEEDED] * 2


def test_a_job_that_does_not_end_is_told_with_what_the_worker_said(person, bellwire_worker):
    job = Job.objects.create(owner=person, kind="mail", queue="nobody's", arguments=LETTER)

    with pytest.raises(AssertionError, match=r"mail did not end\. The worker said:"):
        bellwire_worker.wait_for(job, seconds=0.1)


def test_a_worker_that_does_not_start_says_why(
    transactional_db, bellwire_redis, tmp_path, monkeypatch
):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "nowhere.settings")

    with (
        pytest.raises(RuntimeError, match=r"(?s)did not start.*No module named 'nowhere'"),
        running_worker(tmp_path),
    ):
        pass


def test_where_no_other_process_sees_the_database_it_is_said(
    transactional_db, tmp_path, monkeypatch
):
    monkeypatch.setattr(connection, "is_in_memory_db", lambda: True, raising=False)

    with pytest.raises(RuntimeError, match="no other process sees it"), running_worker(tmp_path):
        pass


def test_at_the_end_it_is_gone_with_its_children_even_if_it_stands_still(
    transactional_db, bellwire_redis, tmp_path, monkeypatch
):
    monkeypatch.setattr(workers, "STOP_SECONDS", 0.2)

    with running_worker(tmp_path) as worker:
        processes = [worker.process.pid, *descendants(worker.process.pid)]
        os.kill(worker.process.pid, signal.SIGSTOP)

    assert len(processes) > 1
    eventually(lambda: not any(map(runs, processes)))


def test_it_goes_with_tests_that_were_killed(bellwire_worker):
    bellwire_worker.process.stdin.close()

    assert bellwire_worker.process.wait(30) == 0


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
