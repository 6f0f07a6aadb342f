"""The statements that are made to the database, by whichever thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db.backends import utils


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give a list that grows by each statement; Django's own counts one thread's alone."""
    statements = []
    execute = utils.CursorWrapper.execute

    def noted(self, sql, params=None):
        statements.append(sql)
        return execute(self, sql, params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(utils.CursorWrapper, "execute", noted)
        yield statements
