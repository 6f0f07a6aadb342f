"""What real processes tell staff: a server, a worker and a reconciler."""

from __future__ import annotations

import json
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest
import websockets.sync.client as websocket

from realtime import tokens
from tests.installation import eventually
from tests.weather.stage import ALICE, PATIENCE, Platform

_STAFF = """
from django.contrib.auth.models import User
User.objects.filter(username="alice").update(is_staff=True)
"""


@contextmanager
def listening(platform):
    """Give the socket of a member of staff who hears operations."""
    url = f"ws://127.0.0.1:{platform.port}/connection/websocket"
    with websocket.connect(url, proxy=None, ping_interval=None) as socket:
        socket.send(json.dumps({"id": 1, "connect": {"token": tokens.make(ALICE)}}))
        socket.send(json.dumps({"id": 2, "subscribe": {"channel": "ops:all"}}))
        yield socket


def hear(socket, is_wanted):
    """Wait for a report that is wanted, and give it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for line in str(socket.recv(PATIENCE)).split("\n"):
            frame = json.loads(line)
            if not frame:
                socket.send("{}")
            data = frame.get("push", {}).get("pub", {}).get("data", {})
            if is_wanted(data):
                return data
    raise TimeoutError


@pytest.fixture
def platform(on_sqlite):
    on_sqlite.run(_STAFF)
    return Platform(on_sqlite)


def test_web_worker_and_queues_are_told_within_seconds(platform, tmp_path):
    with listening(platform) as socket:
        hear(socket, lambda told: told.get("type") == "ops.queues")
        job = platform.start("wait_for", path=str(tmp_path / "go"))

        worker = hear(socket, lambda told: told.get("running"))
        queues = hear(
            socket,
            lambda told: any(each["running"] == 1 for each in told.get("queues", ())),
        )
        web = hear(
            socket,
            lambda told: told.get("type") == "ops.web" and told["updates_per_second"] > 0,
        )

    [running] = worker["running"]
    assert (running["job"], running["kind"]) == (job, "wait_for")
    assert (worker["children"], worker["queues"]) == (2, ["default"])
    assert {each["queue"] for each in queues["queues"]} >= {"default"}
    assert (web["sockets"], web["process"].endswith("/web1")) == (1, True)
    assert web["loop_delay_ms"] is not None

    (tmp_path / "go").touch()
    status, told = eventually(
        lambda: (found := platform.get("/api/ops"))[1]["history"].get("queues") and found, PATIENCE
    )
    assert status == 200
    assert {key.split(":")[0] for key in told["history"]} == {"web", "worker", "queues"}
    eventually(lambda: measured(platform.port) >= 2, PATIENCE)
    platform.must_live()


def measured(port):
    """Count the live events of which the server's histograms know."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as http:
        http.request("GET", "/metrics")
        page = http.getresponse().read().decode()
    assert "bellwire_commit_to_screen_seconds_bucket" in page
    name = 'bellwire_stage_seconds_count{process="web1",stage="publish_to_write"} '
    return next(float(line.removeprefix(name)) for line in page.splitlines() if name in line)
