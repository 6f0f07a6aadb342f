"""HTTP of a real server process: bodies, responses, mistakes."""
# ruff: noqa: S310 (the address is that of a server of ours)

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import IncompleteRead
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.integration.server_process import ServerProcess, serving, until

MB = 1_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("run")) as server:
        yield server


def ask(server: ServerProcess, head: str, body: bytes = b"") -> tuple[int, bytes]:
    """Send a request by hand; return the status and the rest, read to the connection's end."""
    with server.connect() as peer:
        peer.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("POST /upload HTTP/1.1\nHost: a\nContent-Length: 100001", id="a byte more"),
        pytest.param(
            "POST /upload HTTP/1.1\nHost: a\nContent-Length: 99999999999\nExpect: 100-continue",
            id="before 100 Continue",
        ),
        pytest.param(
            "POST /api/files HTTP/1.1\nHost: a\nContent-Length: 2000001", id="more than an upload"
        ),
        pytest.param(
            "POST /api/filesystem HTTP/1.1\nHost: a\nContent-Length: 200000", id="another path"
        ),
    ],
)
def test_a_body_that_is_too_long_is_refused_before_it_is_read(server, head):
    status, body = ask(server, head)

    assert status == 413
    assert json.loads(body)["error"]["code"] == "too_large"


def test_a_client_that_sends_first_and_reads_then_gets_its_413(server):
    status, _ = ask(
        server, "POST /upload HTTP/1.1\nHost: a\nContent-Length: 5000000", b"x" * 5 * MB
    )

    assert status == 413


def test_a_body_without_a_length_is_bounded_too(server):
    chunk = b"%x\r\n%b\r\n" % (60_000, b"x" * 60_000)

    head = "POST /upload HTTP/1.1\nHost: a\nTransfer-Encoding: chunked"
    assert ask(server, head, chunk + chunk)[0] == 413
    assert ask(server, head + "\nConnection: close", chunk + b"0\r\n\r\n")[0] == 200


def test_the_application_gets_the_body_in_chunks(server):
    with urlopen(Request(f"{server.url}/api/files", data=b"x" * 2 * MB)) as response:
        counted = json.load(response)

    assert counted == {"bytes": 2 * MB, "chunks": 31, "largest": 65536}


def test_a_form_is_left_to_the_application(server):
    form = Request(f"{server.url}/upload", data=b"this is no form at all")
    form.add_header("Content-Type", "multipart/form-data; boundary=x")

    with urlopen(form) as response:
        assert json.load(response)["bytes"] == 22


def test_a_response_goes_no_faster_than_it_is_read(server):
    rss = server.rss()
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        peer.connect(("127.0.0.1", server.port))
        peer.sendall(b"GET /stream HTTP/1.0\r\n\r\n")
        taken = list(range(10))
        until(lambda: taken.append(server.counts()["streamed"]) or len(set(taken[-10:])) == 1)

        assert 0 < taken[-1] < 20 * MB
        assert server.rss() - rss < 20 * MB
        size = sum(len(data) for data in iter(lambda: peer.recv(1 << 20), b""))

    assert size > 1600 * 65536


def test_a_long_response_in_one_piece_arrives_whole(server):
    with urlopen(f"{server.url}/whole") as response:
        assert len(response.read()) == 2 * MB


def test_a_failing_application_is_a_500_in_json(server):
    with pytest.raises(HTTPError) as caught:
        urlopen(f"{server.url}/fail")

    assert caught.value.code == 500
    assert json.load(caught.value)["error"]["code"] == "internal"


def test_half_a_response_does_not_look_like_a_whole_one(server):
    with urlopen(f"{server.url}/fail_late") as response, pytest.raises((IncompleteRead, OSError)):
        response.read()


def test_the_application_hears_that_the_client_left(server):
    with server.connect() as peer:
        peer.sendall(b"GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")

    until(lambda: server.counts()["left"] == 1)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param("HELLO", 400, id="no HTTP"),
        pytest.param("GET / HTTP/1.1\nno colon", 400, id="no header"),
        pytest.param("GET / HTTP/1.1\nContent-Length: -1", 400, id="a negative length"),
        pytest.param("GET / HTTP/1.1\nContent-Length: 1\nContent-Length: 2", 400, id="two lengths"),
        pytest.param(f"GET /{'x' * 20_000} HTTP/1.1", 431, id="an endless address"),
        pytest.param("GET / HTTP/1.1\n" + f"A: {'x' * 9000}\n" * 3, 400, id="endless headers"),
        pytest.param("GET /\x7f\xff HTTP/1.1\nConnection: close", 400, id="not ASCII"),
    ],
)
def test_a_broken_request_is_answered_in_json(server, head, status):
    answered, body = ask(server, head)

    assert answered == status
    assert json.loads(body)["error"]["message"]


def test_what_only_a_proxy_may_say_is_not_believed(server):
    head = json.loads(ask(server, _THROUGH_PROXY)[1])

    assert (head["root_path"], head["scheme"], head["client"][0]) == ("", "http", "127.0.0.1")
    assert "daphne-root-path" not in head["headers"]


def test_behind_a_proxy_it_is(tmp_path):
    with serving(tmp_path, "--proxy-headers") as server:
        head = json.loads(ask(server, _THROUGH_PROXY)[1])

    assert (head["root_path"], head["scheme"], head["client"]) == ("", "https", ["2001:db8::7", 0])


_THROUGH_PROXY = """GET /head HTTP/1.1
Host: a
Connection: close
Daphne-Root-Path: /evil
X-Forwarded-For: 6.6.6.6
X-Real-IP: 2001:db8::7
X-Forwarded-Proto: https"""
