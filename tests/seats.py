"""A place on a board for a run that no worker has, for tests of jobs' functions."""

from __future__ import annotations

from tasks.board import Board
from tasks.job import Run


def cancel(run: Run) -> None:
    """Let a run see at its next word that its job is to stop."""
    board = Board(is_shared=False)
    run.seat = board.take("0" * 32, run.id, 0.0)
    (entry,) = board.entries()
    board.cancelled[entry.slot] = entry.turn
