"""A kind of job that does nothing."""

from __future__ import annotations

import pytest

from tasks import job as jobs_of
from tasks.job import Run, job


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(queue="reports", max_attempts=2)
    def tally(job: Run, *, rows: int) -> None: ...

    return tally
