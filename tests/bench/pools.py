"""``python -m tests.bench.pools``: jobs per second under each pool, by what the jobs do.

Each queue is filled first; the rate is taken from the first job that ended to the last.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.report import machine
from tests.installation import MIGRATE, Installation, eventually
from tests.redis import running_redis

COUNTS = {"nothing": 600, "compute": 200, "pause": 200}
POOLS = {
    "prefork, 1": ("--pool", "prefork", "-c", "1"),
    "prefork, 2": ("--pool", "prefork", "-c", "2"),
    "prefork, 4": ("--pool", "prefork", "-c", "4"),
    "threads, 2": ("--pool", "threads", "-c", "2"),
    "threads, 16": ("--pool", "threads", "-c", "16"),
    "solo": ("--pool", "solo"),
}
_FILL = """
import sys
from django.contrib.auth.models import User
from django.db import transaction
from tasks import wake
from tasks.job import find
alice = User.objects.get(username="alice")
with transaction.atomic():
    for _ in range(int(sys.argv[2])):
        find(sys.argv[1]).enqueue(owner=alice)
assert wake.flush(60)
"""
_DONE = (
    "SELECT COUNT(*), (julianday(MAX(finished_at)) - julianday(MIN(finished_at))) * 86400 "
    "FROM tasks_job WHERE state = 'succeeded'"
)
_PATIENCE_SECONDS = 120


def main() -> None:
    """Run every kind under every pool and print a table in Markdown."""
    print(f"{machine()}\n\n| pool | {' | '.join(COUNTS)} |\n|---|{'---|' * len(COUNTS)}")
    for pool, words in POOLS.items():
        rates = [rate(kind, count, words) for kind, count in COUNTS.items()]
        print(f"| {pool} | {' | '.join(f'{rate:.0f}' for rate in rates)} |", flush=True)


def rate(kind: str, count: int, words: tuple[str, ...]) -> float:
    """Give the jobs per second of one worker."""
    with _site() as site:
        site.run(_FILL, kind, count)
        site.start_module(
            *("celery", "-A", "project", "worker", "-Q", "default", "-l", "WARNING"),
            *("--without-gossip", "--without-mingle", *words),
        )

        def ended() -> float:
            ((done, seconds),) = site.rows(_DONE)
            return float(seconds) if done == count else 0.0

        seconds = eventually(ended, _PATIENCE_SECONDS)
        return (count - 1) / seconds


@contextmanager
def _site() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="bw-pools-") as folder, running_redis() as redis:
        database = Path(folder) / "db.sqlite3"
        site = Installation(Path(folder), f"sqlite:///{database}", redis.url)
        site.run(MIGRATE)
        try:
            yield site
        finally:
            site.stop()


if __name__ == "__main__":
    main()
