"""The file ``<DATA_DIR>/env``: what this platform's processes and by-hand commands share."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping

from project import env
from project.up import private_file
from project.up.folders import Folders


def ensure_secret_key() -> None:
    """Make the secret key on first use. Settings cannot be read before there is one."""
    if not {"SECRET_KEY", "SECRET_KEY_FILE"} & os.environ.keys():
        folders = Folders.of(env.data_dir())
        folders.make()
        _write(folders, _read(folders))


def write(folders: Folders, values: Mapping[str, str]) -> None:
    """Keep exactly these values, and the secret key, for all who read this data folder."""
    key = {name: value for name, value in _read(folders).items() if name == "SECRET_KEY"}
    _write(folders, {**key, **values})


def _write(folders: Folders, values: Mapping[str, str]) -> None:
    wanted = {"SECRET_KEY": secrets.token_urlsafe(48), **values}
    if wanted != _read(folders):
        lines = [f"{name}={value}\n" for name, value in wanted.items()]
        private_file.write(folders.environment_file, "".join(lines))


def _read(folders: Folders) -> dict[str, str]:
    try:
        lines = folders.environment_file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line)
