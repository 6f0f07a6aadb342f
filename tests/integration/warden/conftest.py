"""Attempts on a board, and a process in whose name they are there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tasks import job as jobs_of
from tasks import jobs
from tasks.job import Run
from tests.integration.warden import NEVER


@pytest.fixture(autouse=True)
def _patient_again():
    yield
    connection.close()  # the warden has made it impatient


@pytest.fixture
def enqueue(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @jobs_of.job(max_attempts=2)
    def tally(job: Run) -> None: ...

    alice = User.objects.create(username="alice")
    return lambda: tally.enqueue(owner=alice)


@pytest.fixture
def begin(enqueue):
    """Claim a job of alice's, as if a process with this id ran it."""

    def begin(board, kill_at=NEVER):
        enqueue()
        job = jobs.claim("default", "w1")
        return Run(job, board.take(job.token, job.pk, kill_at))

    return begin


@pytest.fixture
def child(monkeypatch):
    """A process that only waits, in whose name attempts are put on the board."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    monkeypatch.setattr("tasks.board.os.getpid", lambda: process.pid)
    yield process
    process.kill()
    process.wait()
