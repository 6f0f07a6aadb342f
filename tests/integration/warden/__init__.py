"""What the warden does for the attempts on a board: what its tests share."""

from __future__ import annotations

import sqlite3

from django.db import OperationalError

from tasks.models import Job
from tasks.warden import Processes

NEVER = float("inf")


def pool_of(*processes):
    return Processes(lambda: [p.pid for p in processes if p.poll() is None])


def states():
    return list(Job.objects.order_by("id").values_list("state", flat=True))


def refuse(*_, **__):
    cause = sqlite3.OperationalError("database is locked")
    cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
    raise OperationalError from cause
