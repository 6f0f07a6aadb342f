"""The plugin's fixtures, which pytest finds by itself only where the wheel is installed."""

from tasks.testing.plugin import (
    assert_notified,
    bellwire_redis,
    bellwire_redis_server,
    bellwire_worker,
    open_tab,
    run_jobs,
)

__all__ = [
    "assert_notified",
    "bellwire_redis",
    "bellwire_redis_server",
    "bellwire_worker",
    "open_tab",
    "run_jobs",
]
