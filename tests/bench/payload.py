"""What a message of the benchmark carries: the same JSON on every side. Pure."""

from __future__ import annotations

from typing import Any

JOB = {
    "id": "01932e6b-7a51-7c3e-9f00-5e1d1c8f2a44",
    "kind": "reports",
    "queue": "reports",
    "state": "running",
    "attempt": 1,
    "max_attempts": 1,
    "progress": {"current": 3, "total": 10, "message": "row 3 of 10", "rate": 1.2, "eta": 5.8},
    "error": "",
    "cancel_requested": False,
    "queued_at": "2026-01-01T10:00:00.000Z",
    "started_at": "2026-01-01T10:00:00.500Z",
    "finished_at": None,
}

#: What a browser (Chromium 131) sends with a handshake, beside what RFC 6455 asks for.
BROWSER_HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "en-GB,en-US;q=0.9,en;q=0.8",
    "Cache-Control": "no-cache",
    "Pragma": "no-cache",
}


def event(**more: Any) -> dict[str, Any]:
    """Make the data of one message."""
    return {"v": 1, "type": "job.started", "job": JOB, "at": "2026-01-01T10:00:00.501Z", **more}


def command(*words: bytes) -> bytes:
    """Spell a Redis command (RESP) from its words."""
    parts = [b"*%d\r\n" % len(words)]
    parts += [b"$%d\r\n%b\r\n" % (len(word), word) for word in words]
    return b"".join(parts)
