"""A program's own WebSocket client: one topic followed over as many sockets as it takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from realtime.errors import RealtimeError
from realtime.following import (
    Anew,
    Event,
    Following,
    HangUp,
    Say,
    Update,
    backoff,
    may_come_back,
)

PATH = "/connection/websocket"
_OPEN_SECONDS, _CLOSE_SECONDS = 10, 1
#: More than the largest answer: 512 KiB of events and what is around them.
_MAX_BYTES = 4 * 1024 * 1024
Heard = Event | Update | Anew


class Refused(RealtimeError):
    """The server will not have this client."""


class Follower:
    """Follows ``topic`` at the platform at ``url`` (http or https, without a path).

    ``make_token`` is asked for a token before each connection; ``note`` is told in a sentence
    when the connection is lost and when it is back.
    """

    def __init__(
        self, url: str, topic: str, make_token: Callable[[], str], note: Callable[[str], None]
    ) -> None:
        self._url = _socket_address(url)
        self._make_token, self._note = make_token, note
        self._following = Following(topic)
        self._line: ClientConnection | None = None
        self._open = ExitStack()  #: closes the line
        self._attempt = 0

    def follow(self) -> Iterator[Heard]:
        """Give what is heard, for ever; Refused if there is no use in trying again."""
        try:
            while True:
                yield from self._next()
        finally:
            self._hang_up()

    def _next(self) -> list[Heard]:
        heard: list[Heard] = []
        while not heard:
            try:
                line = self._line or self._dial()
                heard = self._take(line, _text(line.recv(self._following.silence_seconds)))
            except (WebSocketException, OSError) as error:  # a TimeoutError is an OSError
                self._come_back(error)
        return heard

    def _dial(self) -> ClientConnection:
        # The platform's own pings are in its frames; a proxy is for browsers.
        opening = connect(
            self._url,
            proxy=None,
            ping_interval=None,
            open_timeout=_OPEN_SECONDS,
            close_timeout=_CLOSE_SECONDS,
            max_size=_MAX_BYTES,
        )
        self._line = self._open.enter_context(opening)
        _say(self._line, self._following.begin(self._make_token()))
        return self._line

    def _take(self, line: ClientConnection, text: str) -> list[Heard]:
        heard: list[Heard] = []
        was_connected = self._following.is_connected
        for effect in self._following.hear(text):
            match effect:
                case Say(said):
                    _say(line, said)
                case HangUp(reason, is_final):
                    if is_final:
                        raise Refused(reason)
                    # What was heard before it counts; the next read finds the line closed.
                    line.close()
                    break
                case _:
                    heard.append(effect)
        if self._following.is_connected and not was_connected:
            self._note("Connected again." if self._attempt else "Connected.")
            self._attempt = 0
        return heard

    def _come_back(self, error: Exception) -> None:
        self._hang_up()
        code, reason = _end_of(error)
        if not may_come_back(code):
            raise Refused(reason) from None
        seconds = backoff(self._attempt)
        self._attempt += 1
        self._note(f"No connection to {self._url}: {reason}; trying again in {seconds:.1f} s.")
        time.sleep(seconds)

    def _hang_up(self) -> None:
        self._line = None
        self._open.close()


def _say(line: ClientConnection, text: str) -> None:
    try:
        line.send(text)
    except ConnectionClosed:
        return  # the next read tells why


def _text(said: str | bytes) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "replace")


def _end_of(error: Exception) -> tuple[int, str]:
    """Give the code and the words with which a connection ended."""
    if isinstance(error, ConnectionClosed) and error.rcvd is not None:
        code, reason = error.rcvd.code, error.rcvd.reason
        return code, f"{reason} ({code})" if reason else str(code)
    return 1006, str(error) or "no answer"


def _socket_address(url: str) -> str:
    """Turn ``https://host:port`` into the address of its socket; ValueError for anything else."""
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    try:
        parts = urlsplit(url)
        scheme, host, port = schemes[parts.scheme], parts.hostname, parts.port
    except (KeyError, ValueError):
        host = None
    if not host or parts.path not in ("", "/", PATH):
        raise ValueError(f"{url!a} is no address like http://127.0.0.1:8000.")
    where = f"[{host}]" if ":" in host else host
    return f"{scheme}://{where}{f':{port}' if port else ''}{PATH}"
