"""The process table: every program of the platform, in the order in which they are stopped."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from project.up.folders import Folders
from project.up.program import Ending, Program

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"

_INT, _TERM, _QUIT = signal.SIGINT, signal.SIGTERM, signal.SIGQUIT
#: A Daphne's drain, its requests, and a little more.
_WEB_LEAVES = 45.0
#: As long as a job may take.
_WORKER_LEAVES = 3600.0


def web(number: int, fd: int, folders: Folders, turn: int = 1) -> Program:
    """One Daphne on an inherited listening socket, which it shares with its successor."""
    name = _named(f"web{number}", turn)
    admin = folders.admin_socket(name)
    return Program(
        name,
        _manage(
            *("serve", "--fd", str(fd), "--handover"), *("--admin", str(admin), "--name", name)
        ),
        # INT stops at once; TERM first sends everybody elsewhere.
        (Ending(_INT, 3),),
        fds=(fd,),
        admin=admin,
        leave=Ending(_TERM, _WEB_LEAVES),
        successor=lambda: web(number, fd, folders, turn + 1),
    )


def worker(queue: str, number: int, turn: int = 1) -> Program:
    """One Celery worker of one queue: a flood of one kind of work delays no other."""
    name = _named(f"worker-{queue}" if number == 1 else f"worker-{queue}-{number}", turn)
    slots = str(min(max(os.cpu_count() or 2, 2), 4) // 2)
    # Mingle and gossip are talk between workers, of which nothing here has a use.
    quiet = ("--without-mingle", "--without-gossip")
    command = _celery("worker", "-n", f"{name}@%h", "-Q", queue, "-c", slots, *quiet)
    # TERM lets running jobs end, QUIT gives them up; the reconciler runs those again later.
    return Program(
        name,
        command,
        (Ending(_TERM, 3.5), Ending(_QUIT, 1)),
        leave=Ending(_TERM, _WORKER_LEAVES),
        successor=lambda: worker(queue, number, turn + 1),
    )


def beat() -> Program:
    """What runs at set times. Without a pid file: a killed one's would keep the next out."""
    return Program("beat", _celery("beat", "--pidfile="), (Ending(_TERM, 1),))


def reconcile() -> Program:
    """What finds jobs that were left behind."""
    return Program("reconcile", _manage("reconcile"), (Ending(_TERM, 1),))


def platform(fds: Sequence[int], workers: int, folders: Folders) -> list[list[Program]]:
    """Give all but Redis, in the groups in which they are stopped: the doors first."""
    return [
        [web(number, fd, folders) for number, fd in enumerate(fds, start=1)],
        [worker(queue, n) for queue in settings.JOB_QUEUES for n in range(1, workers + 1)],
        [beat(), reconcile()],
    ]


def _named(name: str, turn: int) -> str:
    """Name a process; who replaces it bears another name while both are there."""
    return name if turn == 1 else f"{name}.{turn}"


def _manage(*words: str) -> tuple[str, ...]:
    return (sys.executable, str(MANAGE), *words)


def _celery(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "-A", "project", "--quiet", *words)
