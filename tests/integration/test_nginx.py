"""The site of deploy/nginx, driven in a real nginx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path

import pytest

from realtime.conf import limits
from tests.installation import eventually
from tests.nginx import SITE, Nginx
from tests.recorder import Recorder

MIB = 1024 * 1024
UPGRADE = {"Upgrade": "websocket", "Connection": "Upgrade"}


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    """What stands behind nginx."""
    recorder = Recorder()
    yield recorder
    recorder.stop()


@pytest.fixture(scope="module")
def running(recorder: Recorder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """An nginx with nothing but the recorder behind it."""
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), (recorder.address, recorder.address))
    nginx.start()
    yield nginx
    nginx.stop()


@pytest.fixture
def nginx(running: Nginx, recorder: Recorder) -> Nginx:
    """The running nginx, with nothing recorded yet."""
    recorder.seen.clear()
    return running


def ask(nginx: Nginx, path: str, **headers: str) -> HTTPResponse:
    """Send one GET and read the whole answer; ``_`` in names stands for ``-``."""
    with closing(nginx.connect()) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers=named)
        response = connection.getresponse()
        response.read()
        return response


def begin_upload(nginx: Nginx, path: str, length: int, sent: bytes) -> HTTPConnection:
    """Announce a body of ``length`` bytes and send only some of it."""
    connection = nginx.connect()
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(length))
    connection.endheaders(sent)
    return connection


def test_nginx_accepts_the_site(tmp_path: Path) -> None:
    checked = Nginx(tmp_path, ("127.0.0.1:1", "127.0.0.1:2")).check()

    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


@pytest.mark.parametrize(
    ("header", "believed"),
    [
        pytest.param("X-Forwarded-For", ["127.0.0.1"], id="who the client is"),
        pytest.param("X-Real-IP", ["127.0.0.1"], id="who the client is, the other way"),
        pytest.param("X-Forwarded-Proto", ["https"], id="how the client came"),
        pytest.param("X-Forwarded-Port", None, id="to which port"),
        pytest.param("X-Forwarded-Host", None, id="to which host"),
        pytest.param("Daphne-Root-Path", [], id="Daphne's own prefix"),
        pytest.param("X-Forwarded-Prefix", [], id="other servers' prefix"),
        pytest.param("Forwarded", [], id="RFC 7239"),
        pytest.param("Remote-User", [], id="who is signed in"),
        pytest.param("X-Remote-User", [], id="who is signed in, the other way"),
        pytest.param("X-Forwarded-User", [], id="who is signed in, a third way"),
        pytest.param("X-Request-User", [], id="who is signed in, a fourth way"),
        pytest.param("X_Real_IP", [], id="a name that reads like another"),
    ],
)
def test_what_a_client_says_of_itself_is_not_passed_on(
    nginx: Nginx, recorder: Recorder, header: str, believed: list[str] | None
) -> None:
    if believed is None:
        believed = [str(nginx.port) if header.endswith("Port") else f"localhost:{nginx.port}"]

    for spelt in (header, header.lower(), header.upper()):
        with closing(nginx.connect()) as connection:
            connection.request("GET", "/", headers={spelt: "203.0.113.9"})
            connection.getresponse().read()

        assert recorder.seen[-1].values(header) == believed
        assert "203.0.113.9" not in str(recorder.seen[-1].headers)


def test_the_host_that_was_asked_for_is_passed_on(nginx: Nginx, recorder: Recorder) -> None:
    ask(nginx, "/")

    assert recorder.seen[-1].values("Host") == [f"localhost:{nginx.port}"]


def test_another_host_is_hung_up_on(nginx: Nginx, recorder: Recorder) -> None:
    with pytest.raises(RemoteDisconnected):
        ask(nginx, "/", Host="elsewhere.example")

    assert recorder.paths == []


@pytest.mark.parametrize(
    ("path", "upgraded"),
    [
        pytest.param("/connection/websocket", True, id="the WebSocket's address"),
        pytest.param("/api/jobs", False, id="another address"),
        pytest.param("/connection/websocket/", False, id="one that only looks like it"),
    ],
)
def test_only_the_websocket_address_is_upgraded(
    nginx: Nginx, recorder: Recorder, path: str, upgraded: bool
) -> None:
    ask(nginx, path, **UPGRADE)

    assert recorder.seen[-1].values("Upgrade") == (["websocket"] if upgraded else [])
    assert recorder.seen[-1].values("Connection") == ["upgrade" if upgraded else "close"]


@pytest.mark.parametrize(
    "path",
    ["/metrics", "//metrics", "/%6detrics", "/x/../metrics", "/metrics?name=x", "/readyz"],
)
def test_figures_are_not_for_the_world(nginx: Nginx, recorder: Recorder, path: str) -> None:
    response = ask(nginx, path)

    assert response.status == 404
    assert recorder.paths == []


@pytest.mark.parametrize(
    ("path", "length"),
    [
        pytest.param("/api/jobs", 6 * MIB, id="6 MiB to where no files go"),
        pytest.param("/api/files", 102 * MIB, id="102 MiB to where files go"),
    ],
)
def test_a_body_that_is_too_large_is_refused_unread(
    nginx: Nginx, recorder: Recorder, path: str, length: int
) -> None:
    with closing(begin_upload(nginx, path, length, b"")) as connection:
        assert connection.getresponse().status == 413

    assert recorder.paths == []


@pytest.mark.parametrize("path", ["/api/files", "/api/files/0199/content?offset=0"])
def test_a_file_arrives_whole(nginx: Nginx, recorder: Recorder, path: str) -> None:
    with closing(nginx.connect()) as connection:
        connection.request("POST", path, body=b"x" * (6 * MIB))

        assert connection.getresponse().status == 200
        assert recorder.seen[-1].body_bytes == 6 * MIB


def test_a_slow_upload_keeps_no_web_process_waiting(nginx: Nginx, recorder: Recorder) -> None:
    with closing(begin_upload(nginx, "/api/files", 10, b"12345")) as connection:
        ask(nginx, "/another")
        assert recorder.paths == ["/another"]

        connection.send(b"67890")

        assert connection.getresponse().status == 200
        assert recorder.paths == ["/another", "/api/files"]


def test_a_stream_passes_as_it_is_written(nginx: Nginx, recorder: Recorder) -> None:
    with closing(nginx.connect()) as connection:
        connection.request("GET", "/stream")
        response = connection.getresponse()
        assert response.read1() == b"first"

        recorder.go_on.set()

        assert response.read() == b"second"


def test_one_address_has_only_so_many_requests_at_a_time(nginx: Nginx) -> None:
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(closing(begin_upload(nginx, "/api/files", 10, b"1")))
        assert eventually(lambda: ask(nginx, "/").status == 429)

    assert eventually(lambda: ask(nginx, "/").status == 200)


def test_plain_http_is_sent_to_https(nginx: Nginx) -> None:
    with closing(HTTPConnection("localhost", nginx.plain_port)) as connection:
        connection.request("GET", "/jobs/1/?a=b")
        response = connection.getresponse()
        response.read()

    assert (response.status, response.headers["Location"]) == (301, "https://localhost/jobs/1/?a=b")


@pytest.mark.parametrize("path", ["/", "/metrics", "/static/nothing.css"])
def test_every_answer_asks_for_tls_from_now_on(nginx: Nginx, path: str) -> None:
    assert ask(nginx, path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_gathered_static_files_need_no_web_process(nginx: Nginx, recorder: Recorder) -> None:
    (nginx.static / "site.css").write_text("body {}")

    here, elsewhere = ask(nginx, "/static/site.css"), ask(nginx, "/static/other.css")

    assert (here.status, here.headers["Cache-Control"]) == (200, "max-age=3600")
    assert elsewhere.status == 200
    assert recorder.paths == ["/static/other.css"]


def test_a_socket_that_is_only_pinged_is_not_cut() -> None:
    longest_silence = limits().ping_seconds + limits().pong_seconds

    for timeout in ("proxy_read_timeout", "proxy_send_timeout"):
        seconds = re.search(rf"{timeout} (\d+)s;", SITE.read_text())
        assert seconds is not None
        assert int(seconds[1]) > 2 * longest_silence
