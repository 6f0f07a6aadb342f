from __future__ import annotations

import secrets
import uuid

import pytest

from tasks.board import Board
from tasks.operations import MAX_RUNNING, Pace, WorkerProcess


@pytest.fixture
def board():
    return Board(is_shared=False)


@pytest.fixture
def worker(board):
    return WorkerProcess("w@h", ["reports", "default"], board, lambda: 4)


def begin(board, kind="report"):
    return board.take(secrets.token_hex(16), uuid.uuid4(), 1e9, 0, kind)


def body(worker):
    [report] = worker.look()
    return report.body


def test_a_worker_tells_what_it_is_and_what_runs(board, worker):
    token, job = secrets.token_hex(16), uuid.uuid4()
    board.take(token, job, 1e9, 0, "report")

    [report] = worker.look()

    assert (report.key, report.type) == ("worker:w@h", "ops.worker")
    [running] = report.body.pop("running")
    assert 0 <= running.pop("seconds") < 60
    assert running == {"job": str(job), "kind": "report"}
    assert report.body == {
        "worker": "w@h",
        "queues": ["default", "reports"],
        "children": 4,
        "running_count": 1,
        "settled_per_minute": 0.0,
    }


def test_of_many_jobs_those_are_told_that_run_longest(board, worker):
    for number in range(MAX_RUNNING + 5):
        begin(board, f"kind {number}")

    told = body(worker)

    assert told["running_count"] == MAX_RUNNING + 5
    assert [each["kind"] for each in told["running"]] == [f"kind {n}" for n in range(MAX_RUNNING)]


def test_what_has_ended_is_counted_and_not_told(board, worker):
    for _ in range(3):
        begin(board).leave()
    begin(board)

    assert board.ended == 3
    assert body(worker)["running_count"] == 1


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        pytest.param("", "", id="none"),
        pytest.param("é" * 60, "é" * 30, id="more bytes than there is room for"),
        pytest.param("x" * 60, "x" * 60, id="as long as one may be"),
    ],
)
def test_a_kind_takes_no_more_room_than_it_has(board, worker, kind, told):
    begin(board, kind)
    begin(board, "next")

    assert [each["kind"] for each in body(worker)["running"]] == [told, "next"]


def test_a_pace_is_of_the_last_minute():
    times = iter(range(0, 1000, 2))
    pace = Pace(lambda: next(times))

    paces = [pace.look(count) for count in range(0, 500, 10)]

    assert paces[:2] == [0.0, 300.0]
    assert paces[-1] == 300.0
    assert len(pace._looks) == 30
