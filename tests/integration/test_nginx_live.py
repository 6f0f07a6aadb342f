"""Real web processes behind the site of deploy/nginx, as a browser meets them."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.installation import Installation, eventually
from tests.nginx import Nginx, free_port

_TOKEN = "from realtime.tokens import make; print(make(1))"
_PUBLISH = """
from django.db import transaction
from realtime.publish import publish
from realtime.topics import Topic
with transaction.atomic():
    publish(Topic.of_user(1), "greeting", text="hello")
"""


@pytest.fixture
def web(on_sqlite: Installation) -> tuple[int, int]:
    """Two web processes as systemd's units start them, and their ports."""
    on_sqlite.env |= {"HTTPS": "1", "RUN_DIR": str(on_sqlite.folder)}
    ports = free_port(), free_port()
    for number, port in enumerate(ports, start=1):
        admin = str(on_sqlite.folder / f"web{number}.sock")
        where = ("--bind", f"127.0.0.1:{port}", "--admin", admin)
        on_sqlite.start_module(
            "django", "serve", "--proxy-headers", "--name", f"web{number}", *where
        )
    for number, port in enumerate(ports, start=1):
        admin = on_sqlite.folder / f"web{number}.sock"
        eventually(lambda port=port, admin=admin: listens(port) and admin.exists())
    return ports


@pytest.fixture
def nginx(web: tuple[int, int], tmp_path: Path) -> Iterator[Nginx]:
    """The site in front of both."""
    backends = [f"127.0.0.1:{port}" for port in web]
    nginx = Nginx(tmp_path / "nginx", (backends[0], backends[1]))
    nginx.start()
    yield nginx
    nginx.stop()


def listens(port: int) -> bool:
    """Tell whether anybody listens on this port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def open_socket(nginx: Nginx, origin: str | None) -> connect:
    """Open the site's WebSocket as a page of ``origin`` does."""
    url = f"wss://localhost:{nginx.port}/connection/websocket"
    return connect(url, origin=origin, ssl=nginx.tls)  # type: ignore[arg-type]


async def read(client: ClientConnection) -> Any:
    """Read one message."""
    return json.loads(await client.recv())


async def test_an_event_reaches_a_page_through_nginx(on_sqlite: Installation, nginx: Nginx) -> None:
    async with open_socket(nginx, f"https://localhost:{nginx.port}") as client:
        token = on_sqlite.run(_TOKEN).splitlines()[-1]
        await client.send(json.dumps({"id": 1, "connect": {"token": token}}))
        assert "user:1" in (await read(client))["connect"]["subs"]

        on_sqlite.run(_PUBLISH)

        assert (await read(client))["push"]["pub"]["data"]["text"] == "hello"


def test_a_stream_passes_as_it_is_written(on_sqlite: Installation, nginx: Nginx) -> None:
    token = on_sqlite.run(_TOKEN).splitlines()[-1]
    fields = {"Accept": "text/event-stream", "Authorization": f"Bearer {token}"}
    with closing(nginx.connect()) as connection:
        connection.request("GET", "/api/events", headers=fields)
        stream = connection.getresponse()
        assert [stream.readline()[:3] for _ in range(3)] == [b"ret", b"id:", b"\n"]

        on_sqlite.run(_PUBLISH)

        assert stream.readline().endswith(b":1\n")
        assert b"hello" in stream.readline()
    assert stream.headers["Cache-Control"] == "no-store, no-transform"
    assert "Content-Encoding" not in stream.headers


async def test_a_page_of_another_site_opens_no_socket(nginx: Nginx) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(nginx, "https://evil.example"):
            pass

    assert refused.value.response.status_code == 403


def test_a_page_comes_with_a_cookie_for_https_alone(nginx: Nginx) -> None:
    with closing(nginx.connect()) as connection:
        connection.request("GET", "/login/")
        response = connection.getresponse()
        response.read()

    assert response.status == 200
    assert "Secure" in response.headers["Set-Cookie"]


def test_figures_are_for_those_on_the_machine(nginx: Nginx, web: tuple[int, int]) -> None:
    with closing(HTTPConnection("127.0.0.1", web[0])) as connection:
        connection.request("GET", "/metrics")
        figures = connection.getresponse().read().decode()

    assert 'bellwire_sockets{process="web1"}' in figures
    assert 'bellwire_sockets{process="web2"}' in figures
