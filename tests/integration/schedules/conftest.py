"""A kind of job for schedules, and registries of the test's own."""

from __future__ import annotations

import pytest

from tasks import job as jobs_of
from tasks import schedule as schedules_of
from tasks.job import Run, job


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(schedules_of, "registry", {})


@pytest.fixture
def tally():
    @job(internal=True)
    def tally(job: Run, *, rows: int = 1) -> None: ...

    return tally
