"""A process that is told to leave."""

from __future__ import annotations

import asyncio
import http.client
import signal
import time
from contextlib import closing

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.integration.server_process import serving, until
from tests.integration.test_server_process import tell

UPLOAD = b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.fixture(autouse=True)
def window(monkeypatch):
    monkeypatch.setenv("TEST_DRAIN_SECONDS", "5")


def is_draining(server):
    status, body = tell(server, "/readyz")
    return status == 503 and "elsewhere" in body


async def close_of(tab):
    with pytest.raises(ConnectionClosed) as caught:
        await tab.recv()
    return caught.value.rcvd.code, caught.value.rcvd.reason


async def test_who_still_comes_is_sent_elsewhere_with_a_code_that_reconnects(tmp_path):
    with serving(tmp_path) as server:
        server.process.terminate()
        await asyncio.to_thread(until, lambda: is_draining(server))

        async with connect(f"{server.ws}/echo") as tab:
            assert await close_of(tab) == (3001, "shutdown")

        assert server.ended()[0] == 0


def test_requests_are_finished_and_each_answer_ends_its_connection(tmp_path):
    with serving(tmp_path) as server:
        kept = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        kept.request("GET", "/head")
        assert kept.getresponse().read()
        with server.connect() as half, closing(kept):
            half.sendall(UPLOAD)
            server.process.terminate()
            until(lambda: is_draining(server))

            kept.request("GET", "/head")
            answer = kept.getresponse()
            assert (answer.status, answer.getheader("Connection")) == (200, "close")
            new = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
            new.request("GET", "/head")
            with closing(new):
                assert new.getresponse().getheader("Connection") == "close"
            half.sendall(b"other")
            assert b'"bytes": 9' in b"".join(iter(lambda: half.recv(4096), b""))

        assert server.ended()[0] == 0


def test_what_arrives_at_a_socket_that_is_handed_over_is_left_to_the_successor(tmp_path):
    with serving(tmp_path, "--handover") as server:
        server.get("/head")
        server.process.terminate()
        until(lambda: is_draining(server))

        with server.connect() as waiting:
            waiting.sendall(b"GET /head HTTP/1.0\r\n\r\n")
            waiting.settimeout(0.5)
            with pytest.raises(TimeoutError):
                waiting.recv(1)


async def test_the_closes_are_spread_over_the_window(tmp_path):
    with serving(tmp_path) as server:
        tabs = [await connect(f"{server.ws}/echo") for _ in range(20)]
        server.process.terminate()
        closed = await asyncio.gather(*(_closed_at(tab) for tab in tabs))

    moments = [moment for _, moment in closed]
    assert {close for close, _ in closed} == {(3001, "shutdown")}
    assert max(moments) - min(moments) > 1


async def _closed_at(tab):
    return await close_of(tab), time.monotonic()


async def test_an_interrupt_hurries_a_process_that_is_leaving(tmp_path):
    with serving(tmp_path) as server:
        tabs = [await connect(f"{server.ws}/echo") for _ in range(5)]
        server.process.terminate()
        await asyncio.to_thread(until, lambda: is_draining(server))
        server.process.send_signal(signal.SIGINT)

        assert {await close_of(tab) for tab in tabs} == {(3001, "shutdown")}
        code, errors = server.ended()

    assert code == 0
    assert "serve.drained" not in errors
