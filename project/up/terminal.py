"""Notices that the terminal was closed.

The kernel tells the session's leader alone. A shell passes it on; make, which is the leader
after `ssh -t host make run` or in a window of its own, does not.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from collections.abc import Callable


def watch(closed: Callable[[], object]) -> None:
    """Call ``closed``, in another thread, when the terminal in front of which we run goes away."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return  # there is none
    if os.tcgetpgrp(terminal) != os.getpgrp():
        os.close(terminal)  # in the background, where `disown` may mean us to outlive it
        return
    threading.Thread(target=_wait, args=(terminal, closed), name="terminal", daemon=True).start()


def _wait(terminal: int, closed: Callable[[], object]) -> None:
    poll = select.poll()
    poll.register(terminal, 0)  # no event is asked for; a hang-up is told all the same
    poll.poll()
    with contextlib.suppress(RuntimeError):  # the event loop has ended before the terminal did
        closed()
