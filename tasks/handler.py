"""From ``logging`` to a job's output: a handler for a team's own LOGGING.

It imports nothing of Django: LOGGING is read before any app.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from billiard.exceptions import SoftTimeLimitExceeded

from tasks.output import Output

_listening: ContextVar[Output | None] = ContextVar("listening", default=None)


class JobHandler(logging.Handler):
    """Adds what is logged while a job's function runs, by its thread, to the job's output.

    Elsewhere it does nothing. Without a formatter of its own the message alone is added: a
    traceback is not for the owner.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Add a record to the output of the job that runs here."""
        output = _listening.get()
        if output is None:
            return
        with listening(None):  # what an argument logs while it is spelt out
            text = self._text_of(record)
        if text is not None:
            output.add(_level_of(record.levelno), text)

    def _text_of(self, record: logging.LogRecord) -> str | None:
        try:
            return self.format(record) if self.formatter else record.getMessage()
        except SoftTimeLimitExceeded:
            raise
        except Exception:  # a record may hold anything; logging's handlers never raise
            self.handleError(record)
            return None


@contextmanager
def listening(output: Output | None) -> Iterator[None]:
    """Let the handlers add to this output what is logged in the block."""
    token = _listening.set(output)
    try:
        yield
    finally:
        _listening.reset(token)


def _level_of(number: int) -> str:
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"
