"""Typed readers of the environment. They fail loudly and remember what was asked.

A name is looked up in the process's environment, then (for secrets) in the file that
``NAME_FILE`` points to, then in ``<DATA_DIR>/env``, which ``manage.py up`` writes so that
other commands find the secret and the Redis server of the running platform.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

#: Every name that was asked for; a test compares it with deploy/.env.example.
asked: set[str] = set()

_REQUIRED = object()
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_kept: dict[str, str] = {}


def keep(path: Path) -> None:
    """Take ``NAME=value`` lines of a file as defaults, where there is such a file."""
    if path.is_file():
        lines = path.read_text(encoding="utf-8").splitlines()
        _kept.update(line.partition("=")[::2] for line in lines if "=" in line)


def text(name: str, default: object = _REQUIRED) -> str:
    """Read a string; without a default a missing one is ImproperlyConfigured."""
    asked.add(name)
    value = os.environ.get(name) or _kept.get(name)
    if value is not None:
        return value
    if default is _REQUIRED:
        raise ImproperlyConfigured(f"Set {name} (see deploy/.env.example).")
    return str(default)


def secret(name: str, default: object = _REQUIRED) -> str:
    """Read a string, or the file that ``NAME_FILE`` names."""
    asked.add(f"{name}_FILE")
    if path := os.environ.get(f"{name}_FILE"):
        asked.add(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error}") from error
    return text(name, default)


def flag(name: str, default: bool) -> bool:
    """Read yes or no."""
    value = text(name, default).strip().lower()
    if value in _TRUE or value in _FALSE:
        return value in _TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}; it takes 1 or 0.")


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Read a whole number that is not below ``least``."""
    value = text(name, default)
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}; it takes a whole number.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} is {number}; it is at least {least}.")
    return number


def names(name: str, default: str = "") -> list[str]:
    """Read a list that is divided by commas."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def path(name: str, default: Path) -> Path:
    """Read a path; a relative one counts from the current folder."""
    return Path(text(name, default)).absolute()


def data_dir() -> Path:
    """Read where everything that lasts is kept: DATA_DIR, else ``data`` beside manage.py."""
    return path("DATA_DIR", Path(__file__).resolve().parent.parent / "data")
