"""A test's settings on their way to another process."""

from __future__ import annotations

import pickle
from typing import IO, Any

from django.conf import settings
from django.db import connections


def give() -> bytes:
    """Spell the settings as they are in this test, but for those that only this process can have.

    An error if these are the databases': another process must never take the site's own.
    """
    names = filter(str.isupper, dir(settings))
    spelt = {name: _spell(getattr(settings, name)) for name in names}
    # Of the databases the connections know more than the settings: mirrors, for one.
    databases = {alias: connections[alias].settings_dict for alias in connections}
    return pickle.dumps({**spelt, "DATABASES": pickle.dumps(databases)})


def take(given: IO[bytes]) -> None:
    """Have the settings that a test gave; to be called before ``django.setup()``."""
    for name, value in pickle.load(given).items():  # noqa: S301 (from whoever started us)
        # Texts that are yet to be translated cannot be compared so early; what is spelt can.
        if value is not None and value != _spell(getattr(settings, name, None)):
            setattr(settings, name, pickle.loads(value))  # noqa: S301 (as above)


def _spell(value: Any) -> bytes | None:
    try:
        return pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
