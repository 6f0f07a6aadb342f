"""The board: which attempts this worker runs, in memory that its processes share.

A child writes down what it begins and what it has ended; the main process reads that without
asking anybody, renews the leases, and writes back who is to stop. What is on the board is
what runs, however the row came to say so. Nothing here touches the database.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

#: Processes of a worker, and how often one may die within a second before the rest of what it
#: ran is left to its lease.
PROCESSES, LIVES = 256, 4
SLOTS = PROCESSES * LIVES
#: Token, job, when it is to be killed, when it began (seconds of the monotonic clock), process,
#: the job's kind in as many bytes as it may have characters.
_RECORD = struct.Struct("=16s16sddI60s")
_MOMENT, _MOMENT_AT = struct.Struct("=d"), 32
_WORDS = SLOTS * 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One attempt as the board tells of it; ``turn`` tells it from the slot's others."""

    slot: int
    turn: int
    token: str
    job_id: UUID
    kill_at: float
    began: float
    pid: int
    kind: str


class Board:
    """Slots in shared memory. A slot's turn is odd while an attempt is in it.

    The fields are written while the turn is even, and the turn last: who reads the same odd
    turn before and after the fields has read them whole.
    """

    def __init__(self, *, is_shared: bool) -> None:
        self.is_shared = is_shared
        self._memory = mmap.mmap(-1, 3 * _WORDS + SLOTS * _RECORD.size)
        words = memoryview(self._memory)
        self.turns = words[:_WORDS].cast("I")
        self.cancelled = words[_WORDS : 2 * _WORDS].cast("I")  #: the turn that is to stop
        self.lost = words[2 * _WORDS : 3 * _WORDS].cast("I")  #: the turn that was taken over
        self._lock = threading.Lock()

    def take(
        self, token: str, job_id: UUID, kill_at: float, index: int = 0, kind: str = ""
    ) -> Seat:
        """Note that this process begins an attempt; ``index`` is its number in the pool.

        Beyond the board's room an older one goes unseen: its lease will be over.
        """
        with self._lock:  # threads of one process; other processes have other slots
            slot = self._free_slot(index)
            if self.turns[slot] % 2:
                self.turns[slot] = _next(self.turns[slot])
            times = kill_at, time.monotonic()
            record = bytes.fromhex(token), job_id.bytes, *times, os.getpid(), kind.encode()
            _RECORD.pack_into(self._memory, self._place(slot), *record)
            turn = self.turns[slot] = _next(self.turns[slot])
        return Seat(self, slot, turn)

    def entries(self) -> Iterator[Entry]:
        """Give every attempt that is under way."""
        for slot, turn in enumerate(self.turns):
            if turn % 2 and (entry := self._entry(slot, turn)):
                yield entry

    @property
    def ended(self) -> int:
        """Count the attempts that have been under way, and are no more."""
        return sum(turn // 2 for turn in self.turns)

    def holds(self, entry: Entry) -> bool:
        """Tell whether this attempt is still under way."""
        return self.turns[entry.slot] == entry.turn

    def postpone(self, slot: int, moment: float) -> None:
        """Write another time into a slot; who reads it meanwhile reads the old or the new one."""
        _MOMENT.pack_into(self._memory, self._place(slot) + _MOMENT_AT, moment)

    def clear(self, entry: Entry) -> None:
        """Take an attempt from the board whose process is dead."""
        if self.holds(entry):
            self.turns[entry.slot] = _next(entry.turn)

    def _free_slot(self, index: int) -> int:
        if not self.is_shared:
            return next((slot for slot, turn in enumerate(self.turns) if not turn % 2), 0)
        # What a process ran when it died stays where it was until the main process has seen it.
        mine = range(index % PROCESSES, SLOTS, PROCESSES)
        return next((slot for slot in mine if not self.turns[slot] % 2), mine[0])

    def _entry(self, slot: int, turn: int) -> Entry | None:
        record = _RECORD.unpack_from(self._memory, self._place(slot))
        if self.turns[slot] != turn:
            return None
        token, job_id, kill_at, began, pid, kind = record
        named = kind.rstrip(b"\0").decode(errors="ignore")
        return Entry(slot, turn, token.hex(), UUID(bytes=job_id), kill_at, began, pid, named)

    def _place(self, slot: int) -> int:
        return 3 * _WORDS + slot * _RECORD.size


class Seat:
    """An attempt's own place on the board."""

    def __init__(self, board: Board, slot: int, turn: int) -> None:
        self._board, self._slot, self._turn = board, slot, turn

    @property
    def is_cancelled(self) -> bool:
        """Tell whether the job is to stop."""
        return self._board.cancelled[self._slot] == self._turn

    @property
    def is_lost(self) -> bool:
        """Tell whether another attempt has begun, or the job has ended."""
        return self._board.lost[self._slot] == self._turn

    def kill_at(self, moment: float) -> None:
        """Move the time at which the attempt is to be killed."""
        self._board.postpone(self._slot, moment)

    def leave(self) -> None:
        """Note that the attempt is over."""
        if self._board.turns[self._slot] == self._turn:
            self._board.turns[self._slot] = _next(self._turn)


def _next(turn: int) -> int:
    """Count on within 32 bits; 0 is even, and no attempt's turn."""
    return (turn + 1) % 2**32


_board = Board(is_shared=False)


def current() -> Board:
    """Give this process's board: its worker's, or its own."""
    return _board


def share() -> Board:
    """Make a board that the processes forked from this one will share."""
    global _board
    _board = Board(is_shared=True)
    return _board
