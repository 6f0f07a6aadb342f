"""When a job's lines are written, and what becomes of them while the database is away."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from realtime import metrics
from tasks import keeper, scribe, worker
from tasks.errors import LeaseLost
from tasks.models import Job
from tests.integration.hub_stage import Count
from tests.integration.job_output import kept

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_that_says_nothing_costs_no_statement_and_no_connection(run):
    watch = keeper._Watch(run)
    watch.log_at = 0
    connection.close()

    watch.tick()
    run.scribe.finish()

    assert connection.connection is None


def test_the_keeper_writes_lines_while_the_function_runs_twice_a_second(
    run, django_assert_num_queries
):
    watch = keeper._Watch(run)
    run.log("at once")
    with django_assert_num_queries(0):
        watch.tick()
    watch.log_at = 0
    watch.tick()
    run.log("soon after")
    with django_assert_num_queries(0):
        watch.tick()

    assert [text for *_, text in kept()] == ["at once"]


def test_an_attempt_whose_lines_are_refused_ends_at_its_next_word(run):
    watch = keeper._Watch(run)
    Job.objects.update(token="another")
    run.log("too late")
    watch.log_at = 0
    watch.tick()

    with pytest.raises(LeaseLost):
        run.check()


def test_of_an_attempt_that_is_lost_nothing_more_is_written(run, django_assert_num_queries):
    watch = keeper._Watch(run)
    run.log("too late")
    run.lost, watch.log_at = True, 0

    with django_assert_num_queries(0):
        watch.tick()


def go_away_before_it_begins(monkeypatch):
    def fail(self):
        raise OperationalError

    monkeypatch.setattr(transaction.Atomic, "__enter__", fail)


def go_away_after_the_commit(monkeypatch):
    real = transaction.Atomic.__exit__

    def fail(self, *raised):
        real(self, *raised)
        if not connection.in_atomic_block:
            raise OperationalError

    monkeypatch.setattr(transaction.Atomic, "__exit__", fail)


@pytest.mark.parametrize("go_away", [go_away_before_it_begins, go_away_after_the_commit])
def test_lines_that_met_a_broken_database_are_written_once_and_in_order(run, monkeypatch, go_away):
    run.log("before")
    with monkeypatch.context() as patch:
        go_away(patch)
        with pytest.raises(OperationalError):
            run.scribe.write()
    run.log("after")
    run.scribe.write()
    run.scribe.write()

    assert [(n, text) for n, _, _, text in kept()] == [(1, "before"), (2, "after")]


def test_at_the_end_come_the_lines_that_were_refused_and_those_said_since(run, monkeypatch):
    run.log("refused")
    with monkeypatch.context() as patch:
        go_away_before_it_begins(patch)
        with pytest.raises(OperationalError):
            run.scribe.write()
    run.log("since")
    run.scribe.finish()

    assert [(n, text) for n, _, _, text in kept()] == [(1, "refused"), (2, "since")]
    assert not run.scribe.has_work


def test_lines_that_the_database_will_not_take_do_not_keep_a_job_from_its_end(
    talk, monkeypatch, caplog
):
    def refuse(self):
        raise DatabaseError("disk full")

    monkeypatch.setattr(scribe.Scribe, "_stored", refuse)
    lost = Count(metrics.lines_lost)

    worker.perform(talk(lambda job: job.log("lost\nlost")))

    assert Job.objects.get().state == "succeeded"
    assert lost == 2
    assert "2 lines of job" in caplog.text
    assert "disk full" in caplog.text
