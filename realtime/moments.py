"""Moments as everything here spells them: ISO 8601, UTC, milliseconds. Pure."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Give this moment to the millisecond, which is how exactly it is told."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def spell(moment: datetime) -> str:
    """Write a time as ``2026-10-01T12:00:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
