"""A kind of job whose owner wants to be told."""

from __future__ import annotations

import pytest

from realtime import preferences
from tasks import job as jobs_of
from tasks import notices
from tasks.job import Run, job


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(notices, "_declared", set())
    monkeypatch.setattr(preferences, "_kinds", {})


@pytest.fixture
def tally():
    @job(name="Monthly tally", max_attempts=9, notify=True)
    def tally(job: Run) -> None: ...

    return tally
