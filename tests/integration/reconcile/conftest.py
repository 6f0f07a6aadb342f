"""A kind of job, and an ear for queues that are woken."""

from __future__ import annotations

import pytest

from tasks import job as jobs_of
from tasks import reconcile
from tasks.job import Run


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(reconcile, "GRACE_SECONDS", 0)

    @jobs_of.job(queue="reports", max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


@pytest.fixture
def enqueue(tally, alice):
    return lambda: tally.enqueue(owner=alice)


@pytest.fixture
def woken(monkeypatch):
    """Which queues were woken, and how often."""
    found = {}
    monkeypatch.setattr(reconcile, "wake", found.__setitem__)
    return found
