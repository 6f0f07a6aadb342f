import pytest
from django.core.checks import run_checks

from tasks import checks
from tasks import job as jobs_of
from tasks.job import Run, job


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(checks, "registry", jobs_of.registry)


def test_a_queue_that_nobody_serves_is_found_before_anything_starts():
    @job(queue="repots")
    def tally(job: Run) -> None: ...

    (error,) = run_checks(tags=["tasks"])

    assert error.id == "tasks.E001"
    assert "'tally' has the queue 'repots'" in error.msg
    assert error.hint == "JOB_QUEUES is default, reports, images, mail."


def test_a_soft_limit_above_the_hard_one_is_found(settings):
    settings.JOB_SOFT_LIMIT_SECONDS = settings.JOB_HARD_LIMIT_SECONDS + 1

    assert [error.id for error in run_checks(tags=["tasks"])] == ["tasks.E002"]


def test_what_is_there_passes():
    @job(queue="mail")
    def tally(job: Run) -> None: ...

    assert run_checks(tags=["tasks"]) == []
