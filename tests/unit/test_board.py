from __future__ import annotations

import os
import secrets
import threading
import uuid

import pytest

from tasks import board
from tasks.board import Board


@pytest.fixture(params=[False, True], ids=["of one process", "of many"])
def some_board(request):
    return Board(is_shared=request.param)


def take(some_board, index=0):
    return some_board.take(secrets.token_hex(16), uuid.uuid4(), 1.5, index)


def test_an_attempt_is_on_the_board_from_its_beginning_to_its_end(some_board):
    token, job_id = secrets.token_hex(16), uuid.uuid4()

    seat = some_board.take(token, job_id, 12.5, 3)
    (entry,) = some_board.entries()
    seat.leave()

    assert (entry.token, entry.job_id, entry.kill_at) == (token, job_id, 12.5)
    assert entry.pid == os.getpid()
    assert list(some_board.entries()) == []
    assert not some_board.holds(entry)


def test_who_is_told_to_stop_is_told_for_this_attempt_alone(some_board):
    first = take(some_board)
    (entry,) = some_board.entries()
    some_board.cancelled[entry.slot] = some_board.lost[entry.slot] = entry.turn
    seen = first.is_cancelled, first.is_lost
    first.leave()

    second = take(some_board)

    assert seen == (True, True)
    assert (second.is_cancelled, second.is_lost) == (False, False)


def test_processes_have_slots_of_their_own(some_board):
    seats = [take(some_board, index) for index in range(5)]

    assert len({entry.slot for entry in some_board.entries()}) == 5
    for seat in seats:
        seat.leave()
    assert list(some_board.entries()) == []


def test_what_a_process_ran_when_it_died_outlives_its_successors_first_jobs():
    shared = Board(is_shared=True)
    take(shared, 7)
    (dead,) = shared.entries()

    for _ in range(20):
        take(shared, 7).leave()

    assert shared.holds(dead)
    shared.clear(dead)
    assert list(shared.entries()) == []


def test_a_process_that_dies_again_and_again_still_has_a_slot():
    shared = Board(is_shared=True)
    for _ in range(board.LIVES * 3):
        last = take(shared, 7)

    assert len(list(shared.entries())) == board.LIVES
    last.leave()
    assert len(list(shared.entries())) == board.LIVES - 1


def test_what_is_cleared_too_late_harms_nobody(some_board):
    take(some_board).leave()
    seat = take(some_board)
    (entry,) = some_board.entries()
    seat.leave()
    other = take(some_board)

    some_board.clear(entry)
    seat.leave()

    assert len(list(some_board.entries())) == 1
    other.leave()


def test_children_write_what_their_parent_reads():
    shared = Board(is_shared=True)
    ready, done = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        take(shared, 2)
        os.write(ready[1], b"x")
        os.read(done[0], 1)
        os._exit(0)
    os.read(ready[0], 1)

    (entry,) = shared.entries()
    os.write(done[1], b"x")
    os.waitpid(child, 0)

    assert entry.pid == child
    for end in (*ready, *done):
        os.close(end)


def test_an_attempt_is_written_while_its_slot_looks_empty(monkeypatch):
    shared = Board(is_shared=True)
    turns = []

    class Record:
        size = board._RECORD.size

        def pack_into(self, memory, place, *values):
            turns.append([turn % 2 for turn in shared.turns if turn][:1])

    monkeypatch.setattr(board, "_RECORD", Record())
    for _ in range(board.LIVES + 1):  # the last one takes the place of another
        take(shared, 0)

    assert turns[0] == []
    assert turns[-1] == [0]


def test_what_has_changed_while_it_was_read_is_not_told(some_board):
    take(some_board)
    (entry,) = some_board.entries()

    assert some_board._entry(entry.slot, entry.turn + 2) is None


def test_after_four_thousand_million_turns_a_slot_begins_anew(some_board):
    some_board.turns[0] = 2**32 - 2
    take(some_board).leave()

    assert some_board.turns[0] == 0
    take(some_board)
    assert len(list(some_board.entries())) == 1


def test_a_process_of_any_number_has_a_slot():
    shared = Board(is_shared=True)

    take(shared, 5_000)

    assert len(list(shared.entries())) == 1


def test_threads_take_their_slots_one_at_a_time(some_board):
    with some_board._lock:
        thread = threading.Thread(target=take, args=(some_board,))
        thread.start()
        thread.join(0.1)
        meanwhile = list(some_board.entries())
    thread.join()

    assert meanwhile == []
    assert len(list(some_board.entries())) == 1
