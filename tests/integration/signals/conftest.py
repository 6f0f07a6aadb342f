"""A kind of job, and receivers for the length of a test."""

from __future__ import annotations

import pytest

from tasks import job as jobs_of
from tasks.job import Run, job


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(max_attempts=2)
    def tally(job: Run) -> None: ...

    return tally


@pytest.fixture
def connect():
    """Connect receivers for the length of a test."""
    connected = []

    def connect(signal, receiver):
        signal.connect(receiver, weak=False)
        connected.append((signal, receiver))
        return receiver

    yield connect
    for signal, receiver in connected:
        signal.disconnect(receiver)
