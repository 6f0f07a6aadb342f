"""What an idempotency key stands for, and which uploads a job keeps."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib.auth.models import User

from tasks import enqueueing
from tasks import job as jobs_of
from tasks.errors import InvalidArguments, KeyConflict
from tasks.job import Run, job
from tasks.models import File, Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def tally(monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job(queue="reports")
    def tally(job: Run, *, rows: int) -> None: ...

    return tally


@pytest.mark.parametrize("key", ["", "k" * 201], ids=["empty", "too long"])
def test_a_key_that_is_none_is_refused(tally, alice, key):
    with pytest.raises(InvalidArguments, match="1 to 200 characters"):
        tally.configure(idempotency_key=key).enqueue(owner=alice, rows=3)


def test_a_key_without_an_owner_is_refused(tally):
    with pytest.raises(InvalidArguments, match="its owner's"):
        tally.configure(idempotency_key="k").enqueue(owner=None, rows=3)


def test_a_key_is_for_one_kind(tally, alice):
    @job(queue="reports")
    def other(job: Run, *, rows: int) -> None: ...

    tally.configure(idempotency_key="k").enqueue(owner=alice, rows=3)

    with pytest.raises(KeyConflict):
        other.configure(idempotency_key="k").enqueue(owner=alice, rows=3)


def test_who_is_overtaken_by_the_same_key_is_given_the_job_that_was_first(
    tally, alice, monkeypatch
):
    first = tally.configure(idempotency_key="k").enqueue(owner=alice, rows=3)
    known, looks = enqueueing._known, []

    def not_yet(job):
        looks.append(job)
        return None if len(looks) == 1 else known(job)

    monkeypatch.setattr(enqueueing, "_known", not_yet)
    second = tally.configure(idempotency_key="k").enqueue(owner=alice, rows=3)

    assert (second.pk, len(looks)) == (first.pk, 2)
    assert Job.objects.count() == 1


def test_a_job_keeps_its_owners_uploads_and_no_others(alice, monkeypatch):
    monkeypatch.setattr(jobs_of, "registry", {})

    @job()
    def read(job: Run, *, files: list[UUID]) -> None: ...

    first = read.enqueue(owner=alice, files=[])
    bob = User.objects.create(username="bob")
    mine, theirs = (File.objects.create(owner=o, name="f", size=0) for o in (alice, bob))
    result = File.objects.create(owner=alice, job=first, name="f", size=0)

    reads = read.enqueue(owner=alice, files=[mine.pk, theirs.pk, result.pk])

    assert [file.pk for file in reads.inputs.all()] == [mine.pk]
