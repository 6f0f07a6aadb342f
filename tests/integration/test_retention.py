"""How long jobs are kept, and what goes with them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from tasks import retention, steps
from tasks.errors import InUse, NotFinished
from tasks.models import File, Job, Letter, Step
from tasks.states import State
from tests.integration.appended import events
from tests.integration.past_jobs import LONG_AGO, NOW, a_job, a_result, an_upload, on_disk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("media")]

FINAL = [State.SUCCEEDED, State.FAILED, State.CANCELLED]


@pytest.mark.parametrize("state", FINAL)
def test_a_job_goes_after_its_time_with_all_that_is_its_own(alice, media, state):
    upload = an_upload(alice)
    job = a_job(alice, state, reads=[upload])
    a_result(job)
    steps.record(job, "queued", "alice")
    Letter.objects.create(job=job, recipient="x@example.org", message_id="1")
    repeat = a_job(alice, finished_at=NOW)
    Job.objects.filter(pk=repeat.pk).update(repeat_of=job)

    assert retention.prune_jobs(NOW) == 1

    assert [(job.pk, job.repeat_of) for job in Job.objects.all()] == [(repeat.pk, None)]
    assert (File.objects.count(), Step.objects.count(), Letter.objects.count()) == (0, 0, 0)
    assert on_disk(media) == set()


@pytest.mark.parametrize(
    ("state", "finished_at"),
    [
        pytest.param(State.SUCCEEDED, NOW - timedelta(days=29), id="that ended a while ago"),
        pytest.param(State.QUEUED, None, id="that waits"),
        pytest.param(State.RUNNING, None, id="that runs"),
        pytest.param(State.RUNNING, LONG_AGO, id="that runs, whatever else its row says"),
        pytest.param(State.RETRYING, LONG_AGO, id="that will run again"),
    ],
)
def test_a_job_is_kept(alice, media, state, finished_at):
    job = a_job(alice, state, finished_at, reads=[an_upload(alice)])
    a_result(job)

    assert retention.prune_jobs(NOW) == 0

    assert (Job.objects.count(), len(on_disk(media))) == (1, 2)


def test_how_long_is_a_setting(alice, settings):
    a_job(alice, finished_at=NOW - timedelta(days=2))
    assert retention.prune_jobs(NOW) == 0

    settings.JOB_KEEP_DAYS = 1

    assert retention.prune_jobs(NOW) == 1


def test_an_upload_stays_while_another_job_reads_it(alice, media):
    upload = an_upload(alice, LONG_AGO)
    a_job(alice, reads=[upload])
    a_job(alice, finished_at=NOW, reads=[upload])

    assert retention.prune_jobs(NOW) == 1
    assert retention.remove_unused(NOW) == 0

    assert on_disk(media) == {upload.pk}


def test_jobs_go_in_batches_up_to_a_bound(alice, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "MOST", 4)
    for _ in range(5):
        a_job(alice)

    assert [retention.prune_jobs(NOW) for _ in range(3)] == [4, 1, 0]


def test_pruning_tells_nobody(alice):
    a_job(alice)

    retention.prune_jobs(NOW)

    assert events() == []


@pytest.fixture
def keep():
    """Have another app's table hold on to a job."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE keeps (job_id char(32) REFERENCES tasks_job (id))")
        yield lambda job: cursor.execute("INSERT INTO keeps VALUES (%s)", [job.pk.hex])
        cursor.execute("DROP TABLE keeps")


def test_a_job_that_another_table_needs_stays_and_the_others_go(alice, keep, caplog):
    kept, _ = a_job(alice), a_job(alice)
    keep(kept)

    assert retention.prune_jobs(NOW) == 1

    assert list(Job.objects.all()) == [kept]
    assert str(kept.pk) in caplog.text
    with pytest.raises(InUse):
        retention.delete(kept.pk, alice)
    assert events() == []


@pytest.mark.parametrize("who", ["alice", "staff", "manage.py"])
def test_a_finished_job_is_deleted_at_once_by(alice, clerk, media, who):
    job = a_job(alice, finished_at=NOW, reads=[an_upload(alice)])
    a_result(job)

    retention.delete(job.pk, {"alice": alice, "staff": clerk}.get(who, who))

    assert (Job.objects.count(), File.objects.count(), on_disk(media)) == (0, 0, set())
    (event,) = events()
    assert (event["type"], event["job"]) == ("job.deleted", {"id": str(job.pk)})


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.RETRYING])
def test_a_job_that_has_not_ended_is_not_deleted(alice, state):
    job = a_job(alice, state, finished_at=None)

    with pytest.raises(NotFinished):
        retention.delete(job.pk, alice)

    assert (Job.objects.count(), events()) == (1, [])


def test_the_job_of_somebody_else_is_not_deleted(alice, bob):
    job = a_job(alice)

    with pytest.raises(Job.DoesNotExist):
        retention.delete(job.pk, bob)

    assert (Job.objects.count(), events()) == (1, [])
