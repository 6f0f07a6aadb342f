"""Jobs, the files that they read and write, and the letters that they send."""

from __future__ import annotations

import os
import time
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from tasks.states import State


def uuid7() -> uuid.UUID:
    """Make an id that sorts by the time of its making (RFC 9562, version 7)."""
    # Twelve bits of the millisecond's fraction keep the order within a process, too.
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    high = milliseconds << 16 | 0x7000 | rest * 4096 // 1_000_000
    low = int.from_bytes(os.urandom(8)) & (1 << 62) - 1 | 1 << 63
    return uuid.UUID(int=high << 64 | low)


class Job(models.Model):
    """Work that somebody waits for. Only ``tasks.jobs`` writes a state."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=60)
    queue = models.CharField(max_length=60)
    priority = models.SmallIntegerField(default=0, help_text="Higher goes first.")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(s, s) for s in State], default=State.QUEUED)

    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=1)
    token = models.CharField(max_length=32, default="", help_text="Of the newest attempt.")
    lease_until = models.DateTimeField(null=True)
    run_after = models.DateTimeField(default=timezone.now)
    worker = models.CharField(max_length=100, default="")
    cancel_requested_at = models.DateTimeField(null=True)

    progress = models.JSONField(null=True)
    result = models.JSONField(null=True)
    error = models.TextField(default="", help_text="A sentence for the owner.")
    traceback = models.TextField(default="", help_text="For staff.")

    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "-priority", "run_after", "id"],
                condition=models.Q(state__in=["queued", "retrying"]),
                name="job_next",
            ),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="job_lease"
            ),
            models.Index(fields=["owner", "-id"], name="job_of_owner"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(State)), name="job_state")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class File(models.Model):
    """Bytes on disk: an upload (``job`` is null) or what a job wrote."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="files")
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="files")
    name = models.CharField(max_length=255, help_text="As the person called it; never a path.")
    content_type = models.CharField(max_length=100, default="application/octet-stream")
    size = models.BigIntegerField(help_text="In bytes, as declared or written.")
    received = models.BigIntegerField(default=0, help_text="Bytes that have arrived so far.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_complete(self) -> bool:
        return self.received == self.size


class Letter(models.Model):
    """One recipient of one mailing; ``intended`` is committed before the letter is sent."""

    class State(models.TextChoices):
        INTENDED = "intended"  #: about to be sent; after a crash: perhaps sent
        SENT = "sent"  #: the mail server took it
        REFUSED = "refused"  #: the mail server would not take it

    job = models.ForeignKey(Job, models.CASCADE, related_name="letters")
    recipient = models.EmailField(max_length=254)
    message_id = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.INTENDED)
    reason = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "recipient"], name="letter_once")]

    def __str__(self) -> str:
        return f"{self.recipient} ({self.state})"
