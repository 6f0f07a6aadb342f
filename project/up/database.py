"""Brings the database to the models of this release."""

from __future__ import annotations

from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from project.up.errors import UpError


def migrate() -> bool:
    """Apply the migrations that are missing, and tell whether there were any. Raises UpError."""
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise UpError(f"The database cannot be reached: {error}") from error
    # Asked first: a `migrate` that has nothing to do takes four times as long as this.
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True
