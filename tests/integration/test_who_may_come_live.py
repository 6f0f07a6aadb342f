"""Who is let in by a real server: origins, tickets, and how many and how fast."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.installation import eventually
from tests.integration.live_stage import PATIENCE

TEXT, CLOSE = 1, 8
HOST = "bell.example.com:8443"
ORIGINS = {
    f"http://{HOST}": 101,
    "https://trusted.example.com": 101,
    "": 403,
    "null": 403,
    "none": 403,
    "https://evil.example": 403,
    "http://bell.example.com": 403,
    "http://bell.example.com:9000": 403,
    f"https://{HOST}": 403,
    f"//{HOST}": 403,
    HOST: 403,
    f"file://{HOST}": 403,
    f"javascript://{HOST}": 403,
    f"http://{HOST}.evil.example": 403,
    f"http://evil-{HOST}": 403,
    f"http://{HOST}@evil.example": 403,
    f"http://{HOST}#": 403,
    f"http://{HOST}/": 403,
    "http://bell.example.com.:8443": 403,
    f"HTTP://{HOST}": 403,
    "http://127.0.0.1:8443": 403,
    "https://sub.trusted.example.com": 403,
    f"http://{HOST}\r\nOrigin: https://evil.example": 403,
}


async def test_with_a_good_cookie_only_an_exact_origin_opens_a_socket(on_sqlite, perform):
    on_sqlite.env["ALLOWED_HOSTS"] = "bell.example.com,127.0.0.1"
    on_sqlite.env["CSRF_TRUSTED_ORIGINS"] = "https://trusted.example.com"
    stage = perform(on_sqlite)
    cookie = f"Cookie: sessionid={stage.sessions[0]}"

    def status(origin: str) -> int:
        peer, answer = stage.shake_hands(f"Host: {HOST}", cookie, f"Origin: {origin}")
        peer.close()
        return answer

    assert {origin: status(origin) for origin in ORIGINS} == ORIGINS


async def test_a_ticket_opens_one_socket_at_whichever_server_and_no_cookie_is_needed(
    on_sqlite, perform
):
    stage = perform(on_sqlite)
    other = stage.serve("web2")
    ticket = json.loads(await asyncio.to_thread(stage.post, "/api/tickets", 2))["ticket"]

    tabs = [await stage.knock("", f"?ticket={ticket}", port) for port in (stage.port, other) * 5]
    await asyncio.gather(*[tab.say({"id": 1, "connect": {}}) for tab in tabs])
    for tab in tabs:
        await tab.is_answered()

    [let_in] = [tab for tab in tabs if tab.reply]
    assert list(let_in.reply["subs"]) == ["user:2"]
    refused = [tab for tab in tabs if tab is not let_in]
    assert [await tab.end() for tab in refused] == [(3501, "bad request")] * 9


async def test_no_lasting_credential_is_read_from_a_query_string(on_sqlite, perform):
    stage = perform(on_sqlite)
    session = stage.sessions[0]
    token = on_sqlite.run("from realtime import tokens; print(tokens.make(1))")

    for query in (f"?token={token}", f"?sessionid={session}", f"?ticket={session}", "?ticket="):
        tab = await stage.knock("", query)
        await tab.say({"id": 1, "connect": {}})
        assert await tab.end() == (3501, "bad request")


async def test_a_flood_of_commands_is_cut_off_before_it_costs_much(on_sqlite, perform):
    stage = perform(on_sqlite, close_seconds=1)
    bystander = await stage.open(2)
    before = rss(stage)

    answered, close = await asyncio.to_thread(flood, stage, 30_000)

    assert close == b"\x0b\xc5too many requests"  # 3013
    assert answered <= 300 + 32 * PATIENCE
    assert rss(stage) - before < 10_000_000
    await bystander.say({"id": 3, "unsubscribe": {"channel": "site:all"}})
    assert not bystander.listening.done()


def flood(stage, count: int) -> tuple[int, bytes]:
    """Send so many commands as fast as they are taken; count the replies, give the close."""
    cookie = f"Cookie: sessionid={stage.sessions[0]}"
    peer, status = stage.shake_hands(f"Host: 127.0.0.1:{stage.port}", cookie)
    assert status == 101
    commands = [b'{"id":1,"connect":{}}']
    commands += [b'{"id":%d,"subscribe":{"channel":"club:%d"}}' % (n, n) for n in range(2, count)]
    with closing(peer):
        peer.settimeout(PATIENCE)
        with suppress(ConnectionError, TimeoutError):
            peer.sendall(b"".join(map(frame, commands)))
        heard = bytearray()
        with suppress(ConnectionError, TimeoutError):
            while data := peer.recv(65536):
                heard += data
    frames = list(frames_in(bytes(heard)))
    closes = [payload for opcode, payload in frames if opcode == CLOSE]
    return sum(opcode == TEXT for opcode, _ in frames), closes[0]


def frame(text: bytes) -> bytes:
    assert len(text) < 126
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


def frames_in(data: bytes):
    at = 0
    while at + 2 <= len(data):
        opcode, length, start = data[at] & 15, data[at + 1], at + 2
        if length == 126:
            [length], start = struct.unpack_from("!H", data, start), start + 2
        yield opcode, data[start : start + length]
        at = start + length


def rss(stage) -> int:
    """Measure the server's resident memory in bytes."""
    status = Path(f"/proc/{stage.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


async def test_sockets_that_were_cut_off_are_not_counted_any_more(on_sqlite, perform):
    stage = perform(on_sqlite, max_sockets_per_user=2, max_sockets_per_address=3)
    fields = (f"Host: 127.0.0.1:{stage.port}", f"Cookie: sessionid={stage.sessions[0]}")

    def come() -> socket.socket | None:
        peer, status = stage.shake_hands(*fields)
        return peer if status == 101 else None

    for _ in range(3):
        peers = [eventually(come, PATIENCE) for _ in range(3)]
        assert come() is None, "the fourth from this address"
        assert [opcode_of_answer(peer) for peer in peers] == [TEXT, TEXT, CLOSE]
        for peer in peers:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            peer.close()


def opcode_of_answer(peer: socket.socket) -> int:
    """Connect as a client, and give the kind of frame that comes back first."""
    peer.sendall(frame(b'{"id":1,"connect":{}}'))
    return peer.recv(4096)[0] & 15


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
async def test_an_address_cannot_be_made_up(on_sqlite, perform, header):
    stage = perform(on_sqlite, max_sockets_per_address=1)
    host = f"Host: 127.0.0.1:{stage.port}"
    first, _ = stage.shake_hands(host)

    second, status = stage.shake_hands(host, f"{header}: 203.0.113.7", "Daphne-Root-Path: /evil")

    assert status == 503
    first.close()
    second.close()
