"""What ``manage.py jobs`` is told, made into jobs, people, times and places."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils import timezone

from tasks import search
from tasks.conf import conf
from tasks.lines import local_zone
from tasks.models import Job

#: Exit codes: a job that did not succeed, a mistake of the caller, time that ran out.
NOT_DONE, MISTAKE, TIMED_OUT = 1, 2, 124
_DEFAULT_URL = "http://127.0.0.1:8000"


def who() -> str:
    """Name the person at the command line, for the timeline."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (OSError, KeyError):  # a container's user need not have a name
        return "command line"


def job(text: str) -> Job:
    """Find a job by its id or a beginning of it, of 8 digits or more; CommandError if not one."""
    found = list(search.with_prefix(text).select_related("owner")[:2])
    if len(found) == 1:
        return found[0]
    problem = "More than one job begins" if found else "There is no job whose id begins"
    raise CommandError(f"{problem} with {text!a}.", returncode=MISTAKE)


def job_id(text: str) -> UUID:
    """Give a whole id as it is, there or not; else find the one that begins like this."""
    try:
        return UUID(text)
    except ValueError:
        return job(text).pk


def owner(name: str) -> Any:
    """Find a user by name; CommandError if there is none."""
    users = get_user_model()
    try:
        return users._default_manager.get_by_natural_key(name)
    except users.DoesNotExist:
        message = f"There is no user {name!a}."
        raise CommandError(message, returncode=MISTAKE) from None


def time(text: str) -> datetime:
    """Read an ISO 8601 time; one without a zone is this machine's."""
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=local_zone())).astimezone(
            timezone.get_default_timezone()
        )
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"{text!a} is no time like 2026-10-01T12:00") from None


def arguments(text: str) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise ArgumentTypeError("give a JSON object, such as '{\"month\": 10}'")
    return read


def plain(text: str) -> str:
    """Read a text; bytes that are not UTF-8 become question marks."""
    return text.encode("utf-8", "replace").decode()


def limit(text: str) -> int:
    """Read a number from 1 to 1,000."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:5]) <= 1000:
        raise ArgumentTypeError("give a number from 1 to 1000")
    return int(text)


def seconds(text: str) -> float:
    """Read a number of seconds."""
    try:
        read = float(text)
    except ValueError:
        read = -1.0
    if not 0 <= read < float("inf"):
        raise ArgumentTypeError(f"{text!a} is no number of seconds")
    return read


def address() -> str:
    """Give the address at which the platform of this data folder last said that it runs."""
    try:
        _, announced, *_ = (Path(conf.DATA_DIR) / "up.lock").read_text().splitlines()
    except (OSError, ValueError):
        return _DEFAULT_URL
    return str(announced) or _DEFAULT_URL
