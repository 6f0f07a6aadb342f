"""The file ``<DATA_DIR>/env``: what this platform's processes and by-hand commands share."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping

from project.up import private_file
from project.up.folders import Folders


def ensure_secret_key(folders: Folders) -> None:
    """Make the secret key on first use. Settings cannot be read before there is one."""
    if not {"SECRET_KEY", "SECRET_KEY_FILE"} & os.environ.keys():
        write(folders, {})


def write(folders: Folders, values: Mapping[str, str]) -> None:
    """Keep these values, and a secret key, for every process that reads this data folder."""
    kept = _read(folders)
    key = kept.get("SECRET_KEY") or secrets.token_urlsafe(48)
    wanted = {"SECRET_KEY": key, **values} if values else {**kept, "SECRET_KEY": key}
    if wanted != kept:
        lines = [f"{name}={value}\n" for name, value in wanted.items()]
        private_file.write(folders.environment_file, "".join(lines))


def _read(folders: Folders) -> dict[str, str]:
    try:
        lines = folders.environment_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)
