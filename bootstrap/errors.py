"""What can stop the preparation; the message is the sentence that the newcomer reads."""

from __future__ import annotations


class BootstrapError(Exception):
    """The ground could not be made ready."""
