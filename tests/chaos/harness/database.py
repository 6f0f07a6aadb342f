"""The run's own database: a file of SQLite, or a PostgreSQL cluster."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.postgres import Cluster, start_cluster

UNFINISHED = (
    "SELECT count(*) FROM tasks_job WHERE state NOT IN ('succeeded', 'failed', 'cancelled')"
)
HEADS = "SELECT topic, epoch, head FROM realtime_stream"


class Database:
    """Where the platform keeps what must not be lost; ``url`` is its DATABASE_URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Ask it in SQL that both kinds understand."""
        raise NotImplementedError


class Sqlite(Database):
    """One file."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        self.path = path

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.path, timeout=30)) as database:
            return database.execute(sql).fetchall()


class Postgres(Database):
    """One database of a cluster of the run's own."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster.create("chaos"))
        self.cluster = cluster

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, connect_timeout=10) as database:
            return database.execute(sql).fetchall()


@contextmanager
def running_database(kind: str, folder: Path) -> Iterator[Database]:
    """Have a new, empty database of a kind, ``sqlite`` or ``postgres``, for the block."""
    if kind == "sqlite":
        yield Sqlite(folder / "db.sqlite3")
    else:
        with start_cluster() as cluster:
            yield Postgres(cluster)
