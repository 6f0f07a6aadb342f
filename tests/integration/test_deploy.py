"""The units, the Redis configuration and the command of deploy/, as far as a test can run them."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.installation import Installation, eventually
from tests.nginx import free_port
from tests.redis import find_server

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = [
    "bellwire.target",
    "bellwire-redis.service",
    "bellwire-web@1.socket",
    "bellwire-web@1.service",
    *(f"bellwire-worker@{queue}.service" for queue in ("default", "reports", "images", "mail")),
    "bellwire-beat.service",
    "bellwire-reconcile.service",
]


def program(name: str) -> str:
    """Find a program, or skip the test."""
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def me() -> str:
    """Name the user who runs the tests."""
    return pwd.getpwuid(os.geteuid()).pw_name


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, made to look at this checkout instead of /opt/bellwire."""
    folder = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(DEPLOY / "systemd", folder)
    for path in folder.rglob("*.*"):
        if path.is_file():
            python = path.read_text().replace("/opt/bellwire/.venv", str(ROOT / ".venv"))
            path.write_text(python.replace("/opt/bellwire", str(ROOT)))
    return folder


@contextmanager
def activated(installation: Installation, words: list[str]) -> Iterator[int]:
    """Run manage.py as systemd does, which opens the socket and passes it on; give its port."""
    port = free_port()
    names = [word for name in installation.env for word in ("-E", name)]
    manage = [sys.executable, str(ROOT / "manage.py"), *words]
    with (installation.folder / "log").open("w") as log:
        server = subprocess.Popen(
            [program("systemd-socket-activate"), "-l", f"127.0.0.1:{port}", *names, *manage],
            env=installation.env,
            stderr=log,
        )
    try:
        eventually(lambda: listens(port))
        yield port
    except OSError as error:
        raise AssertionError((installation.folder / "log").read_text()) from error
    finally:
        server.terminate()
        server.wait(10)


def listens(port: int) -> bool:
    """Tell whether anybody listens on this port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_has_nothing_to_say_about_a_unit(units: Path, unit: str) -> None:
    analyze, env = program("systemd-analyze"), {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}

    verified = subprocess.run(
        [analyze, "verify", "--man=no", unit], capture_output=True, text=True, env=env, check=False
    )

    said = verified.stdout + verified.stderr
    assert [line for line in said.splitlines() if "bellwire" in line] == []


def test_what_is_enabled_starts_with_the_target(units: Path) -> None:
    root = units.parents[2]

    enabled = subprocess.run(
        [program("systemctl"), f"--root={root}", "enable", *UNITS], capture_output=True, check=False
    )

    assert enabled.returncode == 0, enabled.stderr
    assert {path.name for path in (units / "bellwire.target.wants").iterdir()} == set(UNITS[1:])


def test_a_web_process_serves_on_the_socket_that_systemd_holds(on_sqlite: Installation) -> None:
    unit = (DEPLOY / "systemd" / "bellwire-web@.service").read_text()
    command = re.search(r"^ExecStart=\S+ \S+ (.*)$", unit, re.MULTILINE)
    assert command is not None
    on_sqlite.env["RUN_DIR"] = str(on_sqlite.folder)
    words = command[1].replace("/run/bellwire", str(on_sqlite.folder)).replace("%i", "1").split()

    with activated(on_sqlite, words) as port, closing(HTTPConnection("127.0.0.1", port)) as client:
        client.request("GET", "/healthz")

        assert client.getresponse().status == 200


def test_redis_takes_its_configuration(tmp_path: Path) -> None:
    text = (DEPLOY / "redis.conf").read_text()
    for folder in ("/var/lib/bellwire/redis", "/run/bellwire"):
        text = text.replace(folder, str(tmp_path))
    (tmp_path / "redis.conf").write_text(text)

    server = subprocess.Popen([find_server(), str(tmp_path / "redis.conf")])
    try:
        eventually((tmp_path / "redis.sock").exists, seconds=10)
        assert (tmp_path / "redis.sock").stat().st_mode & 0o077 == 0
    finally:
        server.terminate()
        server.wait(10)


def test_a_command_by_hand_has_the_services_settings(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    (tmp_path / "env").write_text(
        f"# SECRET_KEY=no\nSECRET_KEY=a b $(touch {canary}) <c>\nDATA_DIR={tmp_path}\n"
    )
    (tmp_path / "manage.py").write_text("import os; print(os.environ['SECRET_KEY'])")
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")

    env = {
        "PATH": os.environ["PATH"],
        "BELLWIRE_HOME": str(tmp_path),
        "BELLWIRE_ENV": str(tmp_path / "env"),
        "BELLWIRE_USER": me(),
    }
    done = subprocess.run(
        [DEPLOY / "bin" / "bellwire"], env=env, capture_output=True, text=True, check=True
    )

    assert done.stdout == f"a b $(touch {canary}) <c>\n"
    assert not canary.exists()
