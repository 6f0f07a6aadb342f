"""What a job's function says: written in order by its newest attempt alone, told, deleted."""

from __future__ import annotations

import json

import msgpack
import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tasks import announce, board, jobs, keeper, output, retention, scribe, worker
from tasks import job as jobs_of
from tasks.board import Board
from tasks.errors import JobCancelled, LeaseLost, UserError
from tasks.job import Run
from tasks.models import Job, OutputLine
from tasks.outcomes import Outcome
from tasks.states import State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return User.objects.create(username="alice")


@pytest.fixture
def talk(monkeypatch, alice):
    """Claim a job whose function does what it is given."""
    monkeypatch.setattr(jobs_of, "registry", {})
    monkeypatch.setattr(board, "_board", Board(is_shared=True))
    acts = []

    @jobs_of.job(max_attempts=3)
    def talk(job: Run) -> None:
        for act in acts:
            act(job)

    def claimed(*given, owner=alice):
        acts[:] = given
        talk.enqueue(owner=owner)
        return jobs.claim("default", "w1")

    yield claimed
    connection.close()


@pytest.fixture
def run(talk):
    return Run(talk())


def kept():
    return list(OutputLine.objects.order_by("n").values_list("n", "attempt", "level", "text"))


def raise_(error):
    def act(job):
        raise error

    return act


def test_lines_are_numbered_from_one_in_the_order_in_which_they_were_said(run):
    run.step("Read")
    run.log("10 rows")
    run.scribe.write()
    run.log("one\ntwo", level="warning")
    run.scribe.write()

    assert kept() == [
        (1, 1, "step", "Read"),
        (2, 1, "info", "10 rows"),
        (3, 1, "warning", "one"),
        (4, 1, "warning", "two"),
    ]


def test_a_later_attempt_goes_on_where_the_earlier_one_ended(run):
    run.log("first")
    run.scribe.finish()
    jobs.settle(run.job, Outcome(State.RETRYING, wait_seconds=0))
    second = Run(jobs.claim("default", "w2"))
    second.log("second")
    second.scribe.write()

    assert kept() == [(1, 1, "info", "first"), (2, 2, "info", "second")]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"token": "another"}, id="another attempt has begun"),
        pytest.param({"state": "cancelled"}, id="the job has ended"),
    ],
)
def test_who_has_lost_the_job_adds_nothing_to_it(run, change):
    run.log("before")
    run.scribe.write()
    Job.objects.update(**change)
    run.log("after")

    with pytest.raises(LeaseLost):
        run.scribe.write()
    with pytest.raises(LeaseLost):
        run.scribe.finish()
    assert [text for *_, text in kept()] == ["before"]


class Mute:
    def __str__(self):
        raise OSError("nothing to say")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param(7, "7", id="a number"),
        pytest.param(None, "None", id="nothing"),
        pytest.param({"a": [1]}, "{'a': [1]}", id="a structure"),
        pytest.param(Mute(), "<Mute, which does not say what it is>", id="what raises"),
    ],
)
def test_anything_may_be_said(run, said, text):
    run.log(said)
    run.step(said)
    run.scribe.write()

    assert [text for *_, text in kept()] == [text, text]


@pytest.mark.parametrize("level", ["", "INFO", "fatal", "step", "cut", None, 20, ["info"]])
def test_a_level_that_is_none_is_refused(run, level):
    with pytest.raises(ValueError, match="is none of debug, info, warning, error"):
        run.log("x", level)

    assert not run.scribe.has_work


def test_over_all_attempts_so_much_is_kept_and_then_nothing(run, monkeypatch):
    monkeypatch.setattr(output, "MAX_LINES", 3)
    run.log("a\nb")
    run.scribe.finish()
    jobs.settle(run.job, Outcome(State.RETRYING, wait_seconds=0))
    second = Run(jobs.claim("default", "w2"))
    second.log("c\nd\ne")
    second.scribe.write()
    second.log("f")
    second.scribe.finish()
    jobs.settle(second.job, Outcome(State.RETRYING, wait_seconds=0))
    third = Run(jobs.claim("default", "w3"))
    third.log("g")
    third.scribe.finish()

    assert [(n, level) for n, _, level, _ in kept()] == [
        (1, "info"),
        (2, "info"),
        (3, "info"),
        (4, "cut"),
    ]
    assert kept()[-1][-1].startswith("The rest was cut")


def test_bytes_of_earlier_attempts_count(run, monkeypatch):
    monkeypatch.setattr(output, "MAX_BYTES", 8)
    run.log("🐢")
    run.scribe.finish()
    jobs.settle(run.job, Outcome(State.RETRYING, wait_seconds=0))
    second = Run(jobs.claim("default", "w2"))
    second.log("🐢\nx")
    second.scribe.write()

    assert [level for _, _, level, _ in kept()] == ["info", "info", "cut"]


@pytest.mark.parametrize(
    ("act", "state"),
    [
        pytest.param(lambda job: None, "succeeded", id="it returns"),
        pytest.param(raise_(UserError("No.")), "failed", id="it raises"),
        pytest.param(raise_(JobCancelled()), "cancelled", id="it is cancelled"),
        pytest.param(raise_(SoftTimeLimitExceeded()), "failed", id="it takes too long"),
    ],
)
def test_all_that_was_said_is_there_when_the_job_has_ended(talk, act, state):
    worker.perform(talk(lambda job: job.log("last words"), act))

    assert Job.objects.get().state == state
    assert kept() == [(1, 1, "info", "last words")]


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

    worker.perform(talk(lambda job: job.log("lost\nlost")))

    assert Job.objects.get().state == "succeeded"
    assert "2 lines of job" in caplog.text
    assert "disk full" in caplog.text


def heard(wire):
    """Give the updates that were sent: key, attempt, n, and the data."""
    said = [msgpack.unpackb(message) for _, message in wire.heard()]
    return [
        (each["key"], each["attempt"], each["n"], json.loads(each["frame"])["push"]["pub"]["data"])
        for each in said
        if each["type"] == "bellwire.update"
    ]


def test_the_owner_is_shown_lines_once_they_are_written(run, wire):
    run.log("<script>alert(1)</script>")
    run.step("Next")
    run.scribe.write()

    ((key, attempt, n, data),) = heard(wire)
    assert (key, attempt, n) == (f"{run.id}:log", 1, 2)
    assert data["type"] == "job.logged"
    assert (data["job"], data["first"], data["last"]) == ({"id": str(run.id)}, 1, 2)
    assert data["lines"] == [announce.describe_line(line) for line in OutputLine.objects.all()]
    assert data["lines"][0]["text"] == "<script>alert(1)</script>"
    assert data["lines"][1]["level"] == "step"


def test_of_many_lines_the_owner_is_told_the_numbers_alone(run, wire):
    run.log("\n".join(["x" * 100] * 50))
    run.scribe.write()

    ((_, _, n, data),) = heard(wire)
    assert (n, data["first"], data["last"]) == (50, 1, 50)
    assert "lines" not in data


def test_a_later_attempts_lines_win_over_the_earlier_ones(run, wire):
    run.log("first")
    run.scribe.finish()
    jobs.settle(run.job, Outcome(State.RETRYING, wait_seconds=0))
    second = Run(jobs.claim("default", "w2"))
    second.log("second")
    second.scribe.finish()

    ranks = [(attempt, n) for _, attempt, n, _ in heard(wire)]
    assert ranks == sorted(set(ranks)) == [(1, 1), (1, 2)]


def test_nobody_is_told_of_lines_that_were_rolled_back(run, wire):
    run.log("never")
    with transaction.atomic():
        run.scribe.write()
        transaction.set_rollback(True)

    assert (kept(), heard(wire)) == ([], [])


def test_of_the_sites_own_jobs_nobody_is_told(talk, wire):
    worker.perform(talk(lambda job: job.log("pruned 3"), owner=None))

    assert [text for *_, text in kept()] == ["pruned 3"]
    assert heard(wire) == []


def said(owner, lines, **fields):
    job = Job.objects.create(owner=owner, kind="talk", queue="default", **fields)
    at = timezone.now()
    OutputLine.objects.bulk_create(
        OutputLine(job=job, n=n, attempt=1, at=at, level="info", text=f"line {n}")
        for n in range(1, lines + 1)
    )
    return job


@pytest.mark.parametrize("lines", [1, 1_200])
def test_lines_go_with_their_job_in_one_statement_however_many(alice, lines):
    said(alice, lines, state="succeeded", finished_at=timezone.now() - timezone.timedelta(days=99))
    other = said(alice, 2)

    with CaptureQueriesContext(connection) as queries:
        assert retention.prune_jobs(timezone.now()) == 1

    touching = [query["sql"] for query in queries if "outputline" in query["sql"]]
    assert [sql.split()[0] for sql in touching] == ["SELECT", "DELETE"]
    assert set(OutputLine.objects.values_list("job", flat=True)) == {other.pk}


def test_jobs_that_said_much_go_in_portions(alice, monkeypatch):
    monkeypatch.setattr(retention, "LINES", 5)
    ended = {"state": "succeeded", "finished_at": timezone.now() - timezone.timedelta(days=99)}
    for lines in (9, 0, 2, 3, 1, 0):
        said(alice, lines, **ended)

    with CaptureQueriesContext(connection) as queries:
        assert retention.prune_jobs(timezone.now()) == 6

    deleted = [query for query in queries if query["sql"].startswith('DELETE FROM "tasks_job"')]
    assert len(deleted) == 3
    assert not OutputLine.objects.exists()


def test_who_deletes_an_account_is_not_shown_each_line_that_goes_with_it(alice):
    said(alice, 3)
    root = Client()
    root.force_login(User.objects.create_superuser("root"))

    asked = root.get(f"/admin/auth/user/{alice.pk}/delete/")
    root.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"})

    assert "talk" in asked.content.decode()
    assert "line 2" not in asked.content.decode()
    assert not OutputLine.objects.exists()
