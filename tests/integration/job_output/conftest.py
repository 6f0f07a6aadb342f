"""A job whose function does what it is given, and an attempt at it."""

from __future__ import annotations

import pytest
from django.db import connection

from tasks import board, jobs
from tasks import job as jobs_of
from tasks.board import Board
from tasks.job import Run


@pytest.fixture
def talk(monkeypatch, alice):
    """Claim a job whose function does what it is given."""
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(board, "_board", Board(is_shared=True))
    acts = []

    @jobs_of.job(max_attempts=3)
    def talk(job: Run) -> None:
        for act in acts:
            act(job)

    def claimed(*given, owner=alice):
        acts[:] = given
        talk.enqueue(owner=owner)
        return jobs.claim("default", "w1")

    yield claimed
    connection.close()


@pytest.fixture
def run(talk):
    return Run(talk())
