"""Runs a command that ends when its parent does: ``leash.py PARENT-PID COMMAND…``.

It stands between the supervisor's fork and the command, so that nothing is lost if the
supervisor is killed in between. The standard library alone, and no imports of ours: it starts
in 15 ms and is then replaced by the command. Linux only; elsewhere the guard does this.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def end_with_parent(expected_parent: int) -> None:
    """Ask the kernel for a SIGTERM when the parent dies; leave at once if it has already."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != expected_parent:
        sys.exit(f"The parent, process {expected_parent}, is gone.")


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 (there is no shell to be had)
