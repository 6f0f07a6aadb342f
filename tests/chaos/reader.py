"""The reader: looks into the database with SQL of its own, without Django.

``python -m tests.chaos.reader final URL FOLDER`` writes ``reader.json``, one snapshot;
``python -m tests.chaos.reader sample URL FOLDER`` writes ``states.jsonl`` until SIGTERM: every
job that it sees final, once, and again if it is final in another way later. URL is the
platform's DATABASE_URL (``sqlite:///PATH`` or ``postgres://…``), FOLDER the journals'.
"""

from __future__ import annotations

import hashlib
import json
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from tests.chaos import journal
from tests.chaos.reading import JobRow, LoggedEvent, NotificationRow, Reading, Stream
from tests.chaos.records import Sighting

SAMPLE_SECONDS, PATIENCE_SECONDS = 1.0, 30.0

_STREAMS = "SELECT topic, epoch, head, floor FROM realtime_stream ORDER BY topic"
_EVENTS = (
    'SELECT s.topic, e."offset", e.data FROM realtime_event e '
    'JOIN realtime_stream s ON s.id = e.stream_id ORDER BY s.topic, e."offset"'
)
# As text, which is what SQLite keeps: psycopg would decode JSON, and a text is not told from it.
# Of the jobs that have no owner, the site's own, nobody is told.
_JOBS = (
    "SELECT id, owner_id, kind, state, attempt, CAST(arguments AS text), CAST(result AS text) "
    "FROM tasks_job WHERE owner_id IS NOT NULL ORDER BY id"
)
_NOTIFICATIONS = (
    "SELECT id, user_id, title, seen_at IS NOT NULL, read_at IS NOT NULL, archived_at IS NOT NULL "
    "FROM realtime_notification ORDER BY id"
)
_FINAL = (
    "SELECT id, state, attempt, CAST(result AS text) FROM tasks_job "
    "WHERE state IN ('succeeded', 'failed', 'cancelled')"
)
_AWAY = (sqlite3.Error, psycopg.Error)

Rows = Sequence[tuple[Any, ...]]


@contextmanager
def snapshot(url: str) -> Iterator[sqlite3.Connection | psycopg.Connection]:
    """Open the database in one transaction that sees one moment and writes nothing."""
    if url.startswith("sqlite:///"):
        path = url.removeprefix("sqlite:///")
        options: dict[str, Any] = {"timeout": PATIENCE_SECONDS, "isolation_level": None}
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, **options)) as connection:
            # Not mode=ro: nobody could make the log's index then, if all others have left.
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            yield connection
    else:
        with psycopg.connect(url, connect_timeout=int(PATIENCE_SECONDS)) as server:
            server.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            server.read_only = True
            yield server


def read(url: str) -> Reading:
    """Read what is in the database now."""
    with snapshot(url) as database:
        return Reading(
            [Stream(*row) for row in _rows(database, _STREAMS)],
            [LoggedEvent(t, offset, json.loads(d)) for t, offset, d in _rows(database, _EVENTS)],
            [_job(row) for row in _rows(database, _JOBS)],
            [_notification(row) for row in _rows(database, _NOTIFICATIONS)],
        )


def write_final(url: str, folder: Path) -> None:
    """Write ``reader.json``."""
    (folder / journal.READER).write_bytes(msgspec.json.encode(read(url)))


class Sampler:
    """Looks at the jobs again and again, and writes down which are final."""

    def __init__(self, url: str, write: Callable[[Sighting], None]) -> None:
        self._url, self._write = url, write
        self._seen: dict[str, tuple[Any, ...]] = {}

    def look(self) -> None:
        """Look once; a database that is away is looked at the next time."""
        try:
            with snapshot(self._url) as database:
                rows = _rows(database, _FINAL)
        except _AWAY:
            return
        now = time.monotonic()  # after the look: what is written here was so before
        for key, state, attempt, result in rows:
            job, digest = _id(key), _digest(_decoded(result))
            if self._seen.get(job) == (state, attempt, digest):
                continue
            self._seen[job] = (state, attempt, digest)
            seen = Sighting(t=now, job=job, state=state, attempt=attempt, result=digest)
            self._write(seen)

    def run(self, stop: threading.Event) -> None:
        """Look every second until told to stop, and then once more."""
        while not stop.wait(SAMPLE_SECONDS):
            self.look()
        self.look()


def _rows(database: sqlite3.Connection | psycopg.Connection, query: Any) -> Rows:
    rows: Rows = database.execute(query).fetchall()
    return rows


def _job(row: tuple[Any, ...]) -> JobRow:
    key, owner, kind, state, attempt, arguments, result = row
    given = _decoded(arguments)
    return JobRow(_id(key), _user(owner), kind, state, attempt, given, _decoded(result))


def _notification(row: tuple[Any, ...]) -> NotificationRow:
    key, owner, title, *marks = row
    return NotificationRow(_id(key), _user(owner), title, *map(bool, marks))


def _id(key: Any) -> str:
    """Give a UUID as the API writes it: SQLite keeps 32 digits."""
    return str(UUID(str(key)))


def _user(key: Any) -> int | str:
    return key if isinstance(key, int) else str(key)


def _decoded(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main(order: str, url: str, folder: Path) -> None:
    """Carry out one of the two orders."""
    if order == "final":
        write_final(url, folder)
        return
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print("ready", flush=True)
    with closing(journal.Journal(folder / journal.STATES)) as states:
        Sampler(url, states.write).run(stop)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
