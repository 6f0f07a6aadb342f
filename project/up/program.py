"""What to run, and how it is asked to end."""

from __future__ import annotations

import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ending:
    """A signal, and how many seconds a process has to follow it."""

    signal: signal.Signals
    seconds: float


@dataclass(frozen=True, slots=True)
class Program:
    """One line of the process table. When its endings are used up, its group is killed."""

    name: str
    command: tuple[str, ...]
    endings: tuple[Ending, ...]
    #: Descriptors that the process inherits under the same number.
    fds: tuple[int, ...] = ()
    #: It answers /readyz on its admin socket.
    has_readiness: bool = False
