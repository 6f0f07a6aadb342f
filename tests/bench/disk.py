"""What the disk makes everybody pay: one commit that is on it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from tests.bench.stamps import percentile


def commit_ms(folder: Path, commits: int = 100) -> float:
    """Give the p50 ms of a commit of one row, SQLite in WAL mode with synchronous=FULL."""
    spent = []
    with closing(sqlite3.connect(folder / "commits.sqlite3", isolation_level=None)) as database:
        database.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE IF NOT EXISTS t (n)"
        )
        for number in range(commits):
            began = time.perf_counter()
            database.execute("INSERT INTO t VALUES (?)", [number])
            spent.append((time.perf_counter() - began) * 1e3)
    return percentile(spent, 0.5)
