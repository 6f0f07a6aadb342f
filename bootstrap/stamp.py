"""Remembers what a step was done for, so that it is done again only when that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    """A small file that holds the fingerprint of what its step was last done for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def holds(self, fingerprint: str) -> bool:
        """Tell whether the step was finished for exactly this."""
        return self._path.is_file() and self._path.read_text(encoding="utf-8") == fingerprint

    def clear(self) -> None:
        """Forget; called before the step begins, so that half a step is never taken for one."""
        self._path.unlink(missing_ok=True)

    def set(self, fingerprint: str) -> None:
        """Remember that the step is finished; whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        fresh.write_text(fingerprint, encoding="utf-8")
        fresh.replace(self._path)


def fingerprint(files: Iterable[Path], *words: str) -> str:
    """Give one hash of these words and of the names and contents of these files."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(files):
        total.update(f"\0{path}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
