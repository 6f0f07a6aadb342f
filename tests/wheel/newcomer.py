"""Somebody who installs the wheel into an environment of theirs and does what a page says."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from pathlib import Path

from tests.wheel.page import Step

ROOT = Path(__file__).resolve().parents[2]
_BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


def sources(folder: Path) -> Path:
    """Copy what the wheel is made of, so that nothing is written into the checkout."""
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for app in ("realtime", "tasks"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / app, folder / app, ignore=ignored)
    return folder


def build(folder: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Build the wheel of copied sources into a folder, as ``pip wheel`` has it built."""
    target.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", _BUILD, str(target)],
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


class Newcomer:
    """A virtual environment, a folder to work in, and a Redis server."""

    def __init__(self, folder: Path, wheels: Path, redis_url: str) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        environment = folder / "venv"
        venv.create(environment, symlinks=True)
        # What the wheel depends on is not fetched again: it is looked up where the tests have it.
        packages = next(environment.glob("lib/python*/site-packages"))
        (packages / "tests.pth").write_text(sysconfig.get_path("purelib"))
        self.port = _free_port()
        self.env = {
            "PATH": f"{environment / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "REDIS_URL": redis_url,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        self.started: list[subprocess.Popen[bytes]] = []

    def follow(self, page: Iterable[Step]) -> None:
        """Do what a page says; on this machine port 8000 may be somebody else's."""
        for step in page:
            match step.verb:
                case "run":
                    self.run(step.text)
                case "start":
                    self.start(step.text.replace("8000", str(self.port)))
                case "the whole file":
                    path = self.folder / step.path
                    path.parent.mkdir(exist_ok=True)
                    path.write_text(step.text)
                case "at the end":
                    with (self.folder / step.path).open("a") as file:
                        file.write(step.text)

    def run(self, command: str, seconds: float = 60) -> str:
        """Run a command and give what it said; it must succeed."""
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        return done.stdout

    def start(self, command: str) -> None:
        """Start a command in a terminal of its own."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                ["sh", "-c", command], cwd=self.folder, env=self.env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.started.append(process)

    def answers(self) -> bool:
        """Tell whether the site is served."""
        assert all(process.poll() is None for process in self.started), self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self) -> str:
        """Give what the started commands said."""
        return (self.folder / "log").read_text()

    def end(self) -> None:
        """End what was started, whole process groups."""
        for process in self.started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
