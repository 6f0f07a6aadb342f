"""A server as a process: how it starts, what it says of itself, how it stops."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.integration.server_process import ServerProcess, launch, serving, until


def tell(server: ServerProcess, path: str) -> tuple[int, str]:
    """Ask on the private socket."""
    with socket.socket(socket.AF_UNIX) as peer:
        until(lambda: server.admin.exists())
        peer.connect(str(server.admin))
        peer.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = b"".join(iter(lambda: peer.recv(65536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


def manage(*arguments: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.integration.server_settings"}
    subprocess.run([sys.executable, "manage.py", *arguments], env=environment, check=True)


async def test_sigterm_says_goodbye_and_exits_with_0(tmp_path):
    with serving(tmp_path) as server:
        async with connect(f"{server.ws}/echo") as tab, connect(f"{server.ws}/echo") as other:
            await tab.send("open")
            await tab.recv()
            half = server.connect()
            half.sendall(b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
            server.process.terminate()

            for socket_ in (tab, other):
                with pytest.raises(ConnectionClosed) as caught:
                    await socket_.recv()
                assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (3001, "shutdown")
            half.close()
        code, errors = server.ended()

    assert code == 0
    said = [line.rpartition("action=")[2] for line in errors.splitlines()]
    assert said == ["serve.ready", "serve.draining", "serve.drained"]


def test_an_application_that_will_not_end_does_not_hold_the_exit(tmp_path):
    with serving(tmp_path) as server:
        peer = server.connect()
        peer.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
        server.get("/head")

        code, errors = server.terminate()
        peer.close()

    assert (code, "Traceback" in errors) == (0, False)


def test_connections_outlive_a_restart_in_the_inherited_socket(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with launch(listener, tmp_path) as first:
            first.get("/head")
            assert first.terminate()[0] == 0
        with socket.create_connection(("127.0.0.1", port), timeout=10) as waiting:
            waiting.sendall(b"GET /head HTTP/1.0\r\n\r\n")
            with launch(listener, tmp_path) as second:
                assert waiting.recv(4096).startswith(b"HTTP/1.0 200 ")
                assert second.terminate()[0] == 0


def test_the_private_socket_serves_its_owner_and_not_the_site(tmp_path):
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "web1.sock"))
    with serving(tmp_path) as server:
        server.get("/head")

        assert tell(server, "/healthz") == (200, "alive\n")
        assert tell(server, "/head")[0] == 404
        assert 'bellwire_process_info{name="web1"} 1.0' in tell(server, "/metrics")[1]
        assert stat.S_IMODE(server.admin.stat().st_mode) == 0o600


def test_a_process_is_ready_once_its_database_is(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/db.sqlite3")
    with serving(tmp_path) as server:
        status, body = tell(server, "/readyz")
        assert (status, json.loads(body)["ready"]) == (503, False)
        assert "no such table" in json.loads(body)["checks"]["database"]

        manage("migrate", "--verbosity=0")
        assert json.loads(tell(server, "/readyz")[1])["checks"]["database"] == ""


def test_a_mistake_in_the_command_is_a_sentence(tmp_path):
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.integration.server_settings"}
    command = [sys.executable, "manage.py", "serve", "--name", "web1", "--fd", "77"]
    command += ["--admin", str(tmp_path / "web1.sock")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("CommandError: File descriptor 77 is no socket")
