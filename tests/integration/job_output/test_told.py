"""What the owner of a job is shown live of its lines."""

from __future__ import annotations

import json

import msgpack
import pytest
from django.db import transaction

from tasks import announce, worker
from tasks.models import OutputLine
from tests.integration.job_output import kept, next_attempt

pytestmark = pytest.mark.django_db(transaction=True)


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
    second = next_attempt(run)
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
