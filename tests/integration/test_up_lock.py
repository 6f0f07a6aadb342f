from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from project.up.errors import AlreadyRuns
from project.up.lock import Lock


def test_the_second_is_told_who_the_first_is(tmp_path: Path) -> None:
    first = Lock.take(tmp_path / "lock")
    first.announce("http://127.0.0.1:8000")

    with pytest.raises(AlreadyRuns, match=rf"http://127.0.0.1:8000 \(process {os.getpid()}\)"):
        Lock.take(tmp_path / "lock")

    first.release()


def test_a_lock_that_was_let_go_can_be_taken(tmp_path: Path) -> None:
    Lock.take(tmp_path / "lock").release()

    Lock.take(tmp_path / "lock").release()


def test_it_waits_for_what_a_killed_platform_still_clears_up(tmp_path: Path) -> None:
    guard = (tmp_path / "lock").open("w")
    fcntl.flock(guard, fcntl.LOCK_EX)
    threading.Timer(0.3, guard.close).start()

    Lock.take(tmp_path / "lock").release()
