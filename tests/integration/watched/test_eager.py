"""Plain tasks that run in the caller's own process, and what Celery tells of them there."""

from __future__ import annotations

import pytest
from celery import shared_task
from celery import signals as celery_signals
from django.db import connection, transaction

from project.celery import app
from tasks import watcher
from tasks.models import Job
from tests.integration.watched import TASK_ID, WHOLE, timeline

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def eager(settings):
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@shared_task
def add_up(numbers: list[int]) -> int:
    return sum(numbers)


@shared_task(bind=True, max_retries=2, default_retry_delay=0)
def try_again(self) -> int:
    if self.request.retries < 2:
        raise self.retry(exc=OSError("away"))
    return 3


def test_a_task_that_runs_eagerly_is_followed_too(eager, alice):
    add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})

    assert (timeline(), Job.objects.get().result) == (WHOLE, 3)


def test_an_eager_task_in_a_transaction_goes_with_it(eager, alice):
    with transaction.atomic():
        add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})
        transaction.set_rollback(True)

    assert not Job.objects.exists()


def test_an_eager_task_that_is_retried_is_told_in_order(eager, alice):
    try_again.apply_async(headers={"bellwire_owner": alice.pk})

    assert timeline() == "0queued 1started 1retrying 2started 2retrying 3started 3succeeded"


def test_a_task_runs_also_where_nothing_can_be_recorded(eager, alice, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_job RENAME TO away")
    try:
        done = add_up.apply_async([[1, 2]], headers={"bellwire_owner": alice.pk})
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO tasks_job")

    assert done.result == 3
    assert "could not be watched" in caplog.text


def test_an_error_of_celerys_own_fails_the_task(alice):
    request = {"id": str(TASK_ID), "retries": 0, "headers": {"bellwire_owner": alice.pk}}

    celery_signals.task_internal_error.send(
        sender=add_up, task_id=str(TASK_ID), request=request, exception=OSError("away"), einfo=None
    )

    assert timeline() == "0queued 1started 1failed"


def test_a_listener_that_fails_is_counted_and_raises_nothing(caplog):
    def fail(**_):
        raise RuntimeError("no")

    watcher._harmless(fail)(sender=add_up, task_id="1")

    assert "RuntimeError('no')" in caplog.text
