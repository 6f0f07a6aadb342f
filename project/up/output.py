"""The terminal, which may be slow, stopped or gone; nothing here waits for it."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from project.logs import LineFormatter

#: Beyond this many lines that the terminal has not taken, the newest are dropped and counted.
MOST_WAITING = 2000
_PREFIX_WIDTH = 9


class Output:
    """Writes lines to a descriptor in a thread of its own."""

    def __init__(self, fd: int = 1) -> None:
        self._fd = fd
        self._waiting: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._dropped = 0
        # A daemon: a terminal that takes nothing must not keep the platform from ending.
        self._writer = threading.Thread(target=self._write_all, name="output", daemon=True)
        self._writer.start()

    def line(self, name: str, text: str) -> None:
        """Write one line of this process, or drop it if too many wait."""
        self.say(f"{name:{_PREFIX_WIDTH}} | {text}")

    def say(self, text: str) -> None:
        """Write a line as it is."""
        try:
            self._waiting.put_nowait(text)
        except queue.Full:
            self._dropped += 1

    def close(self, timeout: float = 1.0) -> None:
        """Write what waits, if the terminal takes it in this many seconds."""
        try:
            self._waiting.put_nowait(None)
        except queue.Full:
            return
        self._writer.join(timeout)

    def _write_all(self) -> None:
        while (text := self._waiting.get()) is not None:
            self._write(text)
            if self._dropped:
                dropped, self._dropped = self._dropped, 0
                self._write(f"… {dropped} lines were dropped: the terminal took them too slowly.")

    def _write(self, text: str) -> None:
        rest = f"{text}\n".encode(errors="replace")
        try:
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        except OSError:
            return  # the terminal is closed; whoever hears of that stops the platform


class _Handler(logging.Handler):
    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output
        self.setFormatter(LineFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._output.line("up", self.format(record))


@contextmanager
def logs_to(output: Output) -> Iterator[None]:
    """Put this process's own log lines between those of its children, never waiting either."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, [_Handler(output)]
    try:
        yield
    finally:
        root.handlers = before
