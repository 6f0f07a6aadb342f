"""Which test database others than the test itself can see."""

from __future__ import annotations

from django.db import connection


def refuse_memory() -> None:
    """RuntimeError, with what to do, if the test database is SQLite's in memory."""
    is_in_memory = getattr(connection, "is_in_memory_db", None)  # SQLite's alone has it
    if is_in_memory and is_in_memory():
        raise RuntimeError(
            "In a SQLite database in memory, threads lock each other out, and no other process "
            'sees it. Give DATABASES a "TEST": {"NAME": BASE_DIR / "test.sqlite3"}.'
        )
