"""What the platform complains of while it is being tried."""

from __future__ import annotations

import logging

from django.db import OperationalError


class Complaints(logging.Handler):
    """Hears what the platform logs as an error, of which only a database away may be one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []
        self._logger = logging.getLogger("realtime")
        self._logger.addHandler(self)
        self._logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info is None or not isinstance(record.exc_info[1], OperationalError):
            self.heard.append(record.getMessage())

    def stop(self) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = True
