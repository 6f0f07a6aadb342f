from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import pytest

from tests.terminal import ROOT, Running, descendants, kill, wait_gone

UP = [sys.executable, "manage.py", "up"]


class Platform:
    """A running ``manage.py up``, and what it said of itself."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.data = data
        self.environment = environment(data, **variables)
        self.running = Running(UP, env=self.environment)

    def ready(self) -> Self:
        """Wait until it says that it is."""
        self.running.expect("is ready after", within=100)
        self.running.expect("Ctrl-C stops everything")
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.running.end()

    @property
    def url(self) -> str:
        return self.running.expect(r"open +(http://\S+)")[-1][1]

    def pid_of(self, name: str) -> int:
        return int(self.running.expect(rf"processes .*\b{name} (\d+)")[-1][1])


def environment(data: Path, **variables: str) -> dict[str, str]:
    """Give what a newcomer's shell has, and no more."""
    kept = ("PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE")
    own = {name: os.environ[name] for name in kept if name in os.environ}
    return {**own, "DATA_DIR": str(data), "PORT": "0", **variables}


@pytest.fixture(scope="module")
def folder() -> Iterator[Callable[[], Path]]:
    """Makes data folders whose sockets' paths are short."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="up-")))
        return made[-1]

    yield make
    for path in made:
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def platform(folder: Callable[[], Path]) -> Iterator[Platform]:
    with Platform(folder(), DEMO_PASSWORD="wonderland") as platform:
        yield platform.ready()


@pytest.fixture(scope="module")
def poor_and_open(folder: Callable[[], Path]) -> Iterator[Platform]:
    """On a machine that has no Redis server, listening on every interface."""
    with Platform(folder(), PATH="/nowhere", BIND="0.0.0.0") as platform:  # noqa: S104
        yield platform.ready()


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310
        return int(reply.status)


def test_it_says_where_to_go_and_how_to_log_in_and_which_process_is_which(
    platform: Platform,
) -> None:
    assert "alice, bob, or carol (staff), password wonderland" in platform.running.text
    names = ["web1", "web2", "worker-default", "worker-mail", "beat", "reconcile", "redis"]
    assert wait_gone([platform.pid_of(name) for name in names], 0) != []
    assert {platform.pid_of(name) for name in names} <= {*descendants(platform.running.pid)}


def test_every_door_answers(platform: Platform) -> None:
    assert [get(f"{platform.url}/healthz") for _ in range(8)] == [200] * 8


def test_a_command_by_hand_needs_only_the_data_folder(platform: Platform) -> None:
    token = subprocess.run(
        [sys.executable, "manage.py", "token", "alice"],
        cwd=ROOT,
        env=platform.environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert token.stdout.count(".") == 2


def test_secrets_and_sockets_are_for_their_owner_alone(platform: Platform) -> None:
    modes = {
        name: stat.S_IMODE((platform.data / name).stat().st_mode)
        for name in ("env", "demo-password", "run", "run/redis.sock")
    }

    assert modes == {"env": 0o600, "demo-password": 0o600, "run": 0o700, "run/redis.sock": 0o700}


def test_a_second_one_is_told_where_the_first_runs(platform: Platform) -> None:
    second = subprocess.run(
        UP, cwd=ROOT, env=platform.environment, capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert f"runs already at {platform.url}" in second.stderr
    assert get(f"{platform.url}/healthz") == 200


def test_no_connection_is_refused_while_a_killed_daphne_is_started_again(
    platform: Platform,
) -> None:
    kill(platform.pid_of("web1"))

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(get, [f"{platform.url}/healthz"] * 16))

    assert answers == [200] * 16
    platform.running.expect("web1 was killed by SIGKILL")


def test_a_port_that_is_taken_is_named(folder: Callable[[], Path]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with Platform(folder(), PORT=str(port)) as refused:
            assert refused.running.wait(30) == 1
            assert f"Port {port} of 127.0.0.1 is taken" in refused.running.text


def test_a_machine_without_a_redis_server_gets_the_embedded_one(poor_and_open: Platform) -> None:
    redis = Path(f"/proc/{poor_and_open.pid_of('redis')}/exe").resolve()

    assert redis.name == "valkey-server"


def test_the_address_that_a_phone_would_use_is_printed_and_allowed(
    poor_and_open: Platform,
) -> None:
    [line] = poor_and_open.running.expect("open +http")
    near, *far = re.findall(r"http://\S+", line.string)

    assert near.startswith("http://127.0.0.1:")
    assert [get(f"{url}/readyz") for url in far] == [200] * len(far)


def test_kill_9_leaves_nothing_and_the_next_one_starts_and_ends_in_time(
    poor_and_open: Platform,
) -> None:
    everything = descendants(poor_and_open.running.pid)
    assert len(everything) > 8  # the worker's own children are among them

    kill(poor_and_open.running.pid)
    with Platform(poor_and_open.data, PATH="/nowhere").ready() as again:
        assert wait_gone(everything, 0) == []
        everything = descendants(again.running.pid)
        again.running.send(signal.SIGINT)
        assert again.running.wait(12) == 0

    assert wait_gone(everything, 2) == []
    assert [path for path in again.data.iterdir() if path.name.startswith(".")] == []
