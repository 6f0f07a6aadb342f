"""What can keep the platform from starting; each message is for the person at the terminal."""

from __future__ import annotations


class UpError(Exception):
    """The platform cannot be started."""


class AlreadyRuns(UpError):
    """Another `manage.py up` has this data folder."""


class PortTaken(UpError):
    """Another program listens on the address."""


class NoRedisServer(UpError):
    """No Redis-compatible server could be found or started."""
