"""Publishes events that no job is behind, each in a transaction of its own.

``python -m tests.chaos.harness.publisher ticks COUNT PER_SECOND`` publishes to everybody;
``python -m tests.chaos.harness.publisher each USERS`` publishes one event to each user.
"""

from __future__ import annotations

import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402

from realtime.publish import publish, publish_many  # noqa: E402
from realtime.topics import Topic  # noqa: E402

EVERYBODY = "site:all"


def tick(count: int, per_second: float) -> None:
    """Publish at a rate that does not wait for what was published before."""
    began = time.monotonic()
    for n in range(count):
        time.sleep(max(0.0, began + n / per_second - time.monotonic()))
        with transaction.atomic():
            publish(Topic.parse(EVERYBODY), "chaos.ticked", n=n)


def tell_each(users: int) -> None:
    """Publish to the users 1…n, in one transaction."""
    with transaction.atomic():
        publish_many([(Topic.of_user(user), "chaos.told", {}) for user in range(1, users + 1)])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["ticks", count, per_second]:
            tick(int(count), float(per_second))
        case ["each", users]:
            tell_each(int(users))
