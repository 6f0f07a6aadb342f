"""What happens to the clock that one server goes by; the target is the server's name."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

from tests.chaos.nemesis.stage import Evidence, Stage

DAY = timedelta(days=1)
#: Django's CSRF_COOKIE_AGE.
COOKIE_AGE = timedelta(weeks=52)


async def ahead(stage: Stage, target: str, seconds: float) -> Evidence:
    """Let it be tomorrow."""
    return await _shift(stage, target, seconds, DAY)


async def behind(stage: Stage, target: str, seconds: float) -> Evidence:
    """Let it be yesterday."""
    return await _shift(stage, target, seconds, -DAY)


async def _shift(stage: Stage, target: str, seconds: float, offset: timedelta) -> Evidence:
    clock = stage.platform.clock
    assert clock is not None
    clock.set(offset)
    try:
        await asyncio.sleep(clock.CACHE_SECONDS + 1)
        error = await asyncio.to_thread(_error, stage, target)
        await asyncio.sleep(seconds)
    finally:
        clock.set(timedelta())
    is_wrong = error is not None and abs(error - offset) < timedelta(hours=1)
    return {"error_seconds": error.total_seconds()} if error is not None and is_wrong else {}


def _error(stage: Stage, target: str) -> timedelta | None:
    """Ask the server what time it is: a cookie that it sets says when that will be over."""
    try:
        _, headers = stage.web(target).get("/login/", seconds=20)
    except OSError:
        return None
    for line in headers.get_all("Set-Cookie", []):
        for cookie in SimpleCookie(line).values():
            if cookie.key == "csrftoken":
                expires = parsedate_to_datetime(cookie["expires"])
                return expires - COOKIE_AGE - datetime.now(UTC)
    return None
