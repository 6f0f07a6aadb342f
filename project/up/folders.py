"""Where one running platform keeps its sockets, its Redis data and its secrets."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from project.up.errors import UpError

#: A unix socket's path holds 108 bytes on Linux, 104 on macOS, with the closing zero.
_LONGEST_SOCKET = 103
_LONGEST_NAME = "/reconcile99.sock"


@dataclass(frozen=True, slots=True)
class Folders:
    """The data folder, which lasts, and the run folder, which holds only sockets."""

    data: Path
    run: Path

    @classmethod
    def of(cls, data: Path) -> Folders:
        """Place the run folder where RUN_DIR says, else in the data folder, else, where that
        would make the path of a socket too long, in the machine's folder for temporary files.
        """
        if said := os.environ.get("RUN_DIR"):
            return cls(data, Path(said).absolute())
        inside = data / "run"
        if len(os.fsencode(f"{inside}{_LONGEST_NAME}")) <= _LONGEST_SOCKET:
            return cls(data, inside)
        name = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
        return cls(data, Path(tempfile.gettempdir()) / f"bellwire-{os.getuid()}-{name}")

    def make(self) -> None:
        """Make both, for this user's eyes alone. Raises UpError if the run folder is another's."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.run.mkdir(mode=0o700, exist_ok=True)
        found = self.run.lstat()
        # The fallback lies in a folder that everybody may write to.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise UpError(f"{self.run} belongs to somebody else; set DATA_DIR to a shorter path.")
        self.run.chmod(0o700)

    @property
    def redis_socket(self) -> Path:
        """Where the private Redis server listens."""
        return self.run / "redis.sock"

    @property
    def environment_file(self) -> Path:
        """What ``project.env`` reads beside the process's own environment."""
        return self.data / "env"

    @property
    def lock(self) -> Path:
        """What the one platform of this folder holds."""
        return self.data / "up.lock"

    @property
    def reload_report(self) -> Path:
        """What the platform tells of a reload."""
        return self.data / "reload"

    def admin_socket(self, name: str) -> Path:
        """Where the process of this name answers /readyz."""
        return self.run / f"{name}.sock"
