"""How a WebSocket of a real server process comes to be, or does not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.integration.server_process import ServerProcess, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("run")) as server:
        yield server


async def test_a_refused_socket_is_a_403_in_json(server):
    with pytest.raises(InvalidStatus) as caught:
        await connect(f"{server.ws}/refuse")

    assert caught.value.response.status_code == 403
    assert json.loads(caught.value.response.body)["error"]["code"] == "refused"


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        pytest.param("centrifuge-json", "centrifuge-json", id="ours"),
        pytest.param("soap, centrifuge-json", "centrifuge-json", id="ours among others"),
        pytest.param("soap", None, id="another"),
        pytest.param("", None, id="an empty header"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_a_subprotocol_is_agreed_on(server, offers, chosen):
    peer, answer = server.shake_hands("/negotiate", **{"Sec-WebSocket-Protocol": offers})
    peer.close()

    assert answer.startswith(b"HTTP/1.1 101 ")
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert (b"Sec-WebSocket-Protocol: " in answer) == (chosen is not None)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"Sec-WebSocket-Key": "short"}, 400, id="no key"),
        pytest.param({"Sec-WebSocket-Key": "=" * 24}, 400, id="not base64"),
        pytest.param({"Sec-WebSocket-Version": "8"}, 426, id="old version"),
        pytest.param({"Connection": "close"}, 400, id="no upgrade of the connection"),
        pytest.param({"Host": None}, 400, id="no host"),
        pytest.param({"Origin": "http://a\x0bb"}, 400, id="a control character"),
    ],
)
def test_a_bad_handshake_is_answered_in_json(server, headers, status):
    peer, answer = server.shake_hands("/echo", **headers)
    peer.close()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["error"]["message"]


async def test_what_only_a_proxy_may_say_is_not_believed(server):
    said = {"Daphne-Root-Path": "/evil", "X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6"}
    async with connect(f"{server.ws}/head", additional_headers=said) as tab:
        head = json.loads(await tab.recv())

    assert (head["root_path"], head["client"][0], head["scheme"]) == ("", "127.0.0.1", "ws")
    assert "daphne-root-path" not in head["headers"]
