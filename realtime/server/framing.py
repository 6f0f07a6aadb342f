"""autobahn's reading of WebSocket frames, without what it keeps for every connection."""
# ruff: noqa: N815 (the names are autobahn's)

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from autobahn.websocket.protocol import TrafficStats
from daphne.ws_protocol import WebSocketProtocol


class Framing(WebSocketProtocol):  # type: ignore[misc]  # autobahn has no types
    """What autobahn 26.10 copies into every connection, as defaults of the class.

    Only its reading of frames is used, from ``processData`` on; the handshake is ours. Its
    own set-up makes some 90 attributes and a dozen objects a socket, 12 KiB in all.
    """

    factory = SimpleNamespace(isServer=True)
    trafficStats = TrafficStats()
    trackedTimings = _perMessageCompress = None
    logOctets = logFrames = False
    applyMask = requireMaskedClientFrames = True
    utf8validateIncoming = False  # onMessage decodes, which says the same
    maxFramePayloadSize = 0
    failByDrop = True  # here: what follows a violation is not read
    echoCloseCodeReason = False
    websocket_version = 13
    autoPingTimeoutCall = autoPingPending = None
    closeHandshakeTimeoutCall: Any = None  # our one timer; autobahn cancels it at a close

    state = WebSocketProtocol.STATE_CONNECTING
    data = b""
    current_frame: Any = None
    message_data: Any = None
    inside_message = False
    failedByMe = wasClean = False
    remoteCloseCode: int | None = None
    remoteCloseReason: str | None = None
    localCloseCode: int | None = None
    wasMaxMessagePayloadSizeExceeded = False
