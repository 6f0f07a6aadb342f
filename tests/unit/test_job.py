from __future__ import annotations

import pytest

from tasks import job as jobs_of
from tasks.errors import InvalidArguments, UnknownKind
from tasks.job import Run, find, job


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})


def test_a_kind_is_called_as_its_function():
    @job(queue="reports")
    def tally(job: Run, *, rows: int) -> int:
        return rows

    assert (tally.kind, tally.queue, tally.retry.max_attempts) == ("tally", "reports", 1)
    assert find("tally") is tally


def test_a_kind_is_called_as_it_is_told():
    @job(kind="monthly")
    def tally(job: Run) -> None: ...

    assert find("monthly") is tally


def test_an_unknown_kind_is_refused_with_a_sentence():
    with pytest.raises(UnknownKind, match="no kind of job called 'dance'"):
        find("dance")


def test_a_function_that_is_async_is_refused_at_import():
    with pytest.raises(TypeError, match="is async def: a job runs in a worker's process"):

        @job()
        async def later(job: Run) -> None: ...


def test_a_kind_that_another_module_has_is_refused_at_import():
    @job(kind="report")
    def ours(job: Run) -> None: ...

    theirs = compile("def theirs(job): ...", "elsewhere.py", "exec")
    namespace = {"__name__": "elsewhere"}
    exec(theirs, namespace)  # noqa: S102 (a second module)

    with pytest.raises(TypeError, match="a kind of job called 'report' already"):
        job(kind="report")(namespace["theirs"])


def test_a_job_is_called_like_any_function():
    @job()
    def double(job: Run, *, number: int) -> int:
        return number * 2

    assert double(None, number=4) == 8


def test_wrong_arguments_are_refused_before_anything_is_recorded():
    @job()
    def double(job: Run, *, number: int) -> int:
        return number * 2

    with pytest.raises(InvalidArguments, match="“number” is missing"):
        double.enqueue(owner=None)
