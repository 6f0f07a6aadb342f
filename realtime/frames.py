"""WebSocket frames as bytes (RFC 6455, section 5.2), built once for all who get them. Pure."""

from __future__ import annotations

_TEXT, _BINARY, _CLOSE, _PONG = 0x81, 0x82, 0x88, 0x8A


def text_frame(payload: bytes) -> bytes:
    """Build an unfragmented, unmasked text frame, as a server sends it."""
    return _head(_TEXT, len(payload)) + payload


def binary_frame(payload: bytes) -> bytes:
    """Build an unfragmented, unmasked binary frame."""
    return _head(_BINARY, len(payload)) + payload


def pong_frame(payload: bytes) -> bytes:
    """Build the answer to a ping of the WebSocket layer; it carries the ping's payload."""
    return _head(_PONG, len(payload)) + payload


def close_frame(code: int, reason: str) -> bytes:
    """Build a close frame; the reason is cut to the 123 bytes that the RFC leaves it."""
    text = reason.encode()[:123].decode(errors="ignore").encode()
    return _head(_CLOSE, len(text) + 2) + code.to_bytes(2) + text


def payload_of(frame: bytes) -> bytes:
    """Take the payload out of a frame that was built here."""
    return frame[{126: 4, 127: 10}.get(frame[1], 2) :]


def _head(first: int, length: int) -> bytes:
    if length < 126:
        return bytes((first, length))
    if length < 1 << 16:
        return bytes((first, 126)) + length.to_bytes(2)
    return bytes((first, 127)) + length.to_bytes(8)
