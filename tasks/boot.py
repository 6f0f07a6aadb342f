"""What a Celery worker does as it starts: refuses what cannot work, and looks after its jobs."""

from __future__ import annotations

import logging
from typing import Any

from billiard import get_start_method
from celery.concurrency.prefork import TaskPool
from celery.signals import celeryd_init, worker_init, worker_ready
from django.db import connection

from realtime.operations_reporter import Reporter
from tasks import board
from tasks.operations import WorkerProcess
from tasks.warden import Processes, Warden

logger = logging.getLogger(__name__)

#: Pools of green threads: their one thread of the system shares one database connection.
_GREEN = frozenset({"gevent", "eventlet"})


@celeryd_init.connect(dispatch_uid="tasks.boot")
def refuse_green_threads_on_sqlite(options: dict[str, Any], **_: Any) -> None:
    """End the worker with a sentence where its pool and its database do not go together."""
    if problem := pool_problem(str(options.get("pool") or ""), connection.vendor):
        raise SystemExit(problem)


def pool_problem(pool: str, vendor: str) -> str:
    """Tell why a pool (its name or class) cannot work with a database; "" if it can."""
    green = next((name for name in _GREEN if name in pool), "")
    if green and vendor == "sqlite":
        return (
            f"The pool {green} does not work with SQLite: whoever waits for its lock stops every "
            "job of the worker. Take --pool prefork (or threads), or PostgreSQL."
        )
    return ""


@worker_init.connect(dispatch_uid="tasks.boot")
def share_board(sender: Any, **_: Any) -> None:
    """Make the board before the pool's processes are forked."""
    if _forks(sender.pool_cls):
        board.share()


@worker_ready.connect(dispatch_uid="tasks.boot")
def look_after_jobs(sender: Any, **_: Any) -> None:
    """Begin to look after what the pool's processes run, and to tell staff of it."""
    pool, name, mine = sender.pool, sender.hostname, board.current()
    if mine.is_shared:
        Warden(mine, name, Processes(lambda: pool.info["processes"])).start()
    queues = sender.app.amqp.queues.consume_from
    Reporter(WorkerProcess(name, queues, mine, lambda: _size(pool)).look).start()


def _size(pool: Any) -> int:
    """Count a pool's living processes, or what it runs jobs in."""
    if board.current().is_shared:
        return len(pool.info["processes"])
    return int(pool.num_processes or 1)


def _forks(pool: Any) -> bool:
    is_prefork = pool == "prefork" or (isinstance(pool, type) and issubclass(pool, TaskPool))
    return is_prefork and get_start_method() == "fork"
