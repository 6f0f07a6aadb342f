"""Counts a process's queries, as the metric ``chaos_queries``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created
from prometheus_client import Counter

_queries = Counter("chaos_queries", "Statements that this process has sent to the database.")


def count() -> None:
    """Count from now on, on every connection to come."""
    connection_created.connect(_watch, dispatch_uid="chaos.queries")


def _watch(connection: Any, **_: Any) -> None:
    if _counted not in connection.execute_wrappers:
        connection.execute_wrappers.append(_counted)


def _counted(execute: Callable[..., Any], *arguments: Any) -> Any:
    _queries.inc()
    return execute(*arguments)
