"""What settings say to this app, typed, and what holds where they say nothing.

``conf`` has the settings of their own names; ``settings.REALTIME`` overrides bounds by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from django.conf import settings

T = TypeVar("T")


class Default(Generic[T]):
    """A setting, called as the attribute is, or this value where settings have none.

    Read anew on every use, so that override_settings works in tests.
    """

    def __init__(self, value: T, *kinds: type) -> None:
        self._value, self.kinds = value, kinds or (type(value),)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> T:
        found: T = getattr(settings, self._name, self._value)
        return found


class Conf:
    """The settings of delivery."""

    #: Any redis-py URL: redis://, rediss:// or unix://.
    REDIS_URL = Default("redis://127.0.0.1:6379/0")
    #: What the names of all keys and channels begin with; sites that share a server differ in it.
    REDIS_PREFIX = Default("bellwire")
    #: Channels' own setting.
    CHANNEL_LAYERS = Default[dict[str, dict[str, Any]]]({})
    #: Channels' and Daphne's own setting: where ``manage.py serve`` finds what it serves.
    ASGI_APPLICATION = Default("")
    #: Where the processes of this machine have their private sockets: web1.sock, web2.sock, ...
    RUN_DIR = Default[str | Path](Path("run"), str, Path)
    #: Who sends this as a bearer token may read the metrics; without it staff and loopback may.
    METRICS_TOKEN = Default("")
    #: How long a notification is kept after it became new.
    INBOX_KEEP_DAYS = Default(90)


conf = Conf()


def mistakes(conf: object) -> Iterator[str]:
    """Say of each setting that is of another type than its default."""
    for name, default in vars(type(conf)).items():
        if isinstance(default, Default) and not isinstance(getattr(conf, name), default.kinds):
            kinds = " or ".join(kind.__name__ for kind in default.kinds)
            yield f"{name} is {getattr(conf, name)!r}; it takes {kinds}."


@dataclass(frozen=True, slots=True)
class Limits:
    """Every bound of this app; sizes are bytes and times are seconds."""

    #: One message from a client, all its fragments together.
    max_message_bytes: int = 64 * 1024
    #: Messages of one socket that wait for the application; then reading from it stops.
    max_waiting_messages: int = 64
    #: What waits for one socket's client to read; past it the socket is left behind.
    max_waiting_bytes: int = 64 * 1024
    #: The same with replies, which are always written; past it the socket is closed as slow,
    #: as it is when the client of one that is left behind reads nothing for ``slow_seconds``.
    max_unread_bytes: int = 1024 * 1024
    slow_seconds: float = 30.0
    #: The body of a request, where no other limit holds.
    max_body_bytes: int = 5 * 1024 * 1024
    #: The body of a request below one of ``upload_paths``: 100 MiB and what wraps it.
    max_upload_bytes: int = 101 * 1024 * 1024
    upload_paths: tuple[str, ...] = ("/api/files",)
    #: A socket that the application has not accepted by then is refused.
    accept_seconds: float = 20.0
    #: A peer that does not answer a close by then is cut off.
    close_seconds: float = 10.0
    #: A response that nobody reads makes no progress for so long, then it is cut off.
    stalled_response_seconds: float = 60.0
    #: An application that is told of a disconnect ends by then, or it is cancelled.
    application_close_seconds: float = 10.0
    #: Told to leave, a process closes its sockets spread over so long,
    drain_seconds: float = 5.0
    #: and then waits so long for requests that are under way.
    request_seconds: float = 30.0
    #: Told to stop at once, it gives what is under way so long.
    stop_seconds: float = 2.0
    #: How often the hub compares its positions with the log, give or take a fifth.
    position_check_seconds: float = 10.0
    #: Our pings; many proxies drop a socket that is idle for 60 s.
    ping_seconds: int = 25
    pong_seconds: int = 8
    #: Comments on a stream, which has no pongs.
    stream_heartbeat_seconds: int = 15
    #: How soon a browser comes back to a stream that ended, give or take a half.
    stream_retry_seconds: float = 3.0
    #: Topics that a stream hears beside its personal one.
    max_stream_topics: int = 8
    #: A long poll waits no longer than many proxies do.
    max_wait_seconds: int = 55
    #: From the handshake to the connect command.
    stale_seconds: int = 15
    #: An expired token's connection lives on so long, for its refresh to arrive.
    expiry_grace_seconds: int = 25
    max_subscriptions: int = 128
    #: A client's commands: so many at once (an SDK renews all it had), then so many a second.
    burst_commands: int = 300
    commands_per_second: float = 32.0
    #: Sockets, streams and long polls of one process together: of one user, and from one
    #: address, which may be a whole office.
    max_sockets_per_user: int = 32
    max_sockets_per_address: int = 1_000
    #: Handshakes from one address: so many at once (all of them come back after a restart),
    #: then so many a second.
    burst_handshakes: int = 2_000
    handshakes_per_second: float = 64.0
    #: How often it is asked again who may stay, give or take a fifth.
    roll_call_seconds: float = 10.0
    #: When it could not be asked, or no position compared, for so long, all sockets are closed.
    unasked_seconds: float = 60.0
    #: A ticket opens one socket, within so long.
    ticket_seconds: int = 30
    #: The sockets' own way to the database, and how long a socket waits for it.
    database_threads: int = 4
    database_seconds: float = 5.0
    #: How much of a topic's history is kept: the newest events, for so many days.
    keep_events: int = 10_000
    keep_days: int = 7


def limits() -> Limits:
    """Read the limits on every call, so that override_settings works in tests."""
    return Limits(**getattr(settings, "REALTIME", {}))
