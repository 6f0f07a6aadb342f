"""Cuts a process's output into lines of bounded length."""

from __future__ import annotations

LONGEST_BYTES = 4096


class Lines:
    """Takes chunks as they come and gives whole lines; a line without end is cut up."""

    def __init__(self, longest: int = LONGEST_BYTES) -> None:
        self._rest = b""
        self._longest = longest

    def feed(self, chunk: bytes) -> list[str]:
        """Give the lines that this chunk completes."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        pieces = [piece for line in whole for piece in self._cut(line)]
        while len(self._rest) > self._longest:
            pieces.append(self._rest[: self._longest])
            self._rest = self._rest[self._longest :]
        return [_text(piece) for piece in pieces]

    def close(self) -> list[str]:
        """Give what came after the last newline."""
        rest, self._rest = self._rest, b""
        return [_text(piece) for piece in self._cut(rest)] if rest else []

    def _cut(self, line: bytes) -> list[bytes]:
        return [line[at : at + self._longest] for at in range(0, len(line) or 1, self._longest)]


def _text(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", errors="replace")
