from __future__ import annotations

import json
import socket
from contextlib import ExitStack

from websockets.sync.client import ClientConnection, connect

from realtime import tokens
from tests.installation import Installation, eventually

PUBLISH = """
import os
from django.db import transaction
from realtime.publish import publish
from realtime.topics import Topic

for publisher in range(2):
    if os.fork() == 0:
        for n in range(100):
            with transaction.atomic():
                publish(Topic.of_user(1), "greeting", publisher=publisher, n=n)
                publish(Topic.of_user(2), "secret")
        os._exit(0)
print([os.wait()[1] for publisher in range(2)])
"""


class Tab:
    """Alice's tab at one server; it keeps its place as an SDK does."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.offsets: list[int] = []
        self.epoch = ""

    def open(self, port: int) -> None:
        """Connect, from where it was; what it missed comes with the reply."""
        url = f"ws://127.0.0.1:{port}/connection/websocket"
        self._socket: ClientConnection = self._stack.enter_context(connect(url, proxy=None))
        at = {"recover": bool(self.epoch), "epoch": self.epoch, "offset": len(self.offsets)}
        request = {"token": tokens.make(1), "subs": {"user:1": at}}
        self._socket.send(json.dumps({"id": 1, "connect": request}))
        reply = json.loads(self._socket.recv(10))["connect"]["subs"]
        assert list(reply) == ["user:1"]
        assert reply["user:1"].get("recovered", False) is bool(self.epoch)
        self.epoch = reply["user:1"]["epoch"]
        self.offsets += [each["offset"] for each in reply["user:1"].get("publications", [])]

    def listen(self, count: int) -> None:
        """Listen until so many events have come in all."""
        while len(self.offsets) < count:
            push = json.loads(self._socket.recv(10))["push"]
            assert push["channel"] == "user:1"
            self.offsets.append(push["pub"]["offset"])


def start_server(installation: Installation, name: str):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    admin = str(installation.folder / name)
    options = ("--bind", f"127.0.0.1:{port}", "--admin", admin, "--name", name)
    process = installation.start_module("django", "serve", *options)

    def answers():
        assert process.poll() is None, installation.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    return process, port, answers


def test_two_tabs_at_two_servers_hear_everything_once_though_one_server_is_killed(on_sqlite):
    servers = [start_server(on_sqlite, name) for name in ("web1", "web2")]
    (first, first_port, _), (_, second_port, _) = servers
    for _, _, answers in servers:
        eventually(answers)
    with ExitStack() as stack:
        alice, tablet = Tab(stack), Tab(stack)
        alice.open(first_port)
        tablet.open(second_port)

        publisher = on_sqlite.start(PUBLISH)
        alice.listen(50)
        first.kill()
        alice.open(second_port)
        alice.listen(200)
        tablet.listen(200)

    assert alice.offsets == tablet.offsets == list(range(1, 201))
    assert publisher.communicate(timeout=20)[0].strip() == "[0, 0]"
