"""Where Celery's messages go while a test has a worker of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tasks import wake
from tasks.celery_defaults import celery_defaults


@contextmanager
def use_own_broker(app: Any) -> Iterator[None]:
    """Send to the Redis server, and under the prefix, that settings name now."""
    before = {name: app.conf[name] for name in _own()}
    _turn(app, _own())
    try:
        yield
    finally:
        _turn(app, before)


def _turn(app: Any, to: dict[str, Any]) -> None:
    wake.flush()
    for name, value in to.items():
        app.conf[name] = value  # update() would not reach what the site's CELERY_… has set
    wake.hang_up()


def _own() -> dict[str, Any]:
    defaults = celery_defaults()
    return {name: defaults[name] for name in ("broker_url", "broker_transport_options")}
