"""How a log line looks: prose for people, then its stable key for machines."""

from __future__ import annotations

import logging


class LineFormatter(logging.Formatter):
    """One line per record, ``action=…`` last; a newline in a value cannot forge a line."""

    default_time_format = "%H:%M:%S"
    default_msec_format = "%s.%03d"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        line = super().formatMessage(record).replace("\n", "\\n").replace("\r", "\\r")
        action = getattr(record, "action", None)
        return f"{line} action={action}" if action else line
