"""Readiness: what is asked, how long it may take, and what an answer means."""

from __future__ import annotations

import asyncio
import threading
from time import monotonic

import pytest

from realtime import health


@pytest.fixture(autouse=True)
def no_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_checks", {})
    monkeypatch.setattr(health, "_under_way", {})


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", 1.0)


async def healthy() -> str:
    return ""


async def never() -> str:
    await asyncio.sleep(10)
    return ""


async def test_a_process_is_ready_when_nothing_complains():
    health.register_check("layer", healthy)
    health.register_check("redis", lambda: "")

    assert await health.readiness() == {"ready": True, "checks": {"layer": "", "redis": ""}}


async def test_one_complaint_is_enough():
    health.register_check("layer", healthy)
    health.register_check("worker", lambda: "No worker is alive.")

    state = await health.readiness()

    assert state == {"ready": False, "checks": {"layer": "", "worker": "No worker is alive."}}


async def test_a_check_that_raises_is_a_complaint():
    health.register_check("redis", lambda: str(1 / 0))

    assert (await health.readiness())["checks"] == {"redis": "The check failed: division by zero"}


async def test_a_check_that_hangs_holds_up_no_other_and_is_not_started_twice(impatient):
    started, released = [], threading.Event()

    def hanging() -> str:
        started.append(1)
        released.wait(10)
        return ""

    health.register_check("database", hanging)
    health.register_check("layer", never)
    health.register_check("redis", lambda: "")
    begin = monotonic()
    first, second = await health.readiness(), await health.readiness()
    released.set()

    assert first == second
    assert first["checks"]["redis"] == ""
    assert first["checks"]["database"] == "No answer within 1 s."
    assert (len(started), monotonic() - begin < 5) == (1, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/healthz", 200, id="alive"),
        pytest.param("/readyz", 503, id="not ready"),
        pytest.param("/metrics", 200, id="measured"),
        pytest.param("/admin/", 404, id="not the site"),
    ],
)
async def test_the_private_application_knows_three_paths(path, status):
    health.register_check("redis", lambda: "Redis is away.")
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    await health.application({"type": "http", "path": path}, healthy, send)

    assert [message.get("status") for message in sent] == [status, None]
