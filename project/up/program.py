"""What to run, and how it is asked to end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


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
    #: Where it answers /readyz, if it does.
    admin: Path | None = None
    #: How it is asked to go when a successor has taken over, with time to finish its work.
    leave: Ending | None = None
    #: All others depend on it: a reload leaves it alone.
    is_shared: bool = False
    #: What replaces it; None is the same again, once this one has ended.
    successor: Callable[[], Program] | None = None
