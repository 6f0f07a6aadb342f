"""The frames of ``story.jsonl``: one line is one message to the socket of ``user:42``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

LINES = (Path(__file__).parent / "story.jsonl").read_bytes().splitlines()


class Publication(msgspec.Struct, forbid_unknown_fields=True):
    """What is pushed; ``tags`` are only in what is live."""

    data: msgspec.Raw
    offset: int = 0
    tags: dict[str, str] | None = None


class Push(msgspec.Struct, forbid_unknown_fields=True):
    """To whom it is pushed."""

    channel: str
    pub: Publication


class Frame(msgspec.Struct, forbid_unknown_fields=True):
    """One message, taken apart; its data is left as it is written."""

    push: Push


def frames() -> list[Frame]:
    """Give all frames in their order."""
    return [msgspec.json.decode(line, type=Frame) for line in LINES]


def told(type_: str) -> list[dict[str, Any]]:
    """Give the data of every frame of a type."""
    return [data for data in _all() if data["type"] == type_]


def types() -> set[str]:
    """Give the types that are told of."""
    return {data["type"] for data in _all()}


def _all() -> Iterator[dict[str, Any]]:
    for frame in frames():
        yield msgspec.json.decode(frame.push.pub.data)
