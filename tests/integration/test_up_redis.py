from __future__ import annotations

import asyncio
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from project.up import redis_server
from project.up.folders import Folders


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Folders]:
    monkeypatch.delenv("RUN_DIR", raising=False)
    with tempfile.TemporaryDirectory(prefix="up-") as short:
        folders = Folders.of(Path(short))
        folders.make()
        yield folders


@pytest.mark.parametrize("path", ["the machine's own", "none"])
def test_a_private_server_answers_and_keeps_what_it_was_given(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    if path == "none":
        monkeypatch.setenv("PATH", "/nowhere")
    program = redis_server.program(folders)

    for expected in (1, 2):  # the second run finds what the first kept
        server = subprocess.Popen(program.command, stdout=subprocess.DEVNULL)
        try:
            asyncio.run(redis_server.answers(folders))
            with redis.Redis.from_url(redis_server.url(folders)) as client:
                assert client.incr("runs") == expected
        finally:
            server.terminate()
            server.wait(10)


def test_a_server_below_the_floor_is_passed_over(
    tmp_path: Path, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "redis-server"
    old.write_text("#!/bin/sh\necho 'Redis server v=6.0.16 sha=0 bits=64'\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")

    assert redis_server.program(folders).command[0].endswith("valkey-server")
