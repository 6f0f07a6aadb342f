"""Jobs, what happened to them, what they said, read and wrote, and the letters they send."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.deletion import Collector
from django.utils import timezone

from realtime.ids import uuid7
from tasks.conf import conf
from tasks.states import State

#: The queue of plain Celery tasks, which are watched only: no worker claims from it.
NO_QUEUE = ""


def default_time_limit() -> float:
    """Give how long an attempt may take, where its kind says nothing."""
    return float(conf.JOB_HARD_LIMIT_SECONDS)


class Job(models.Model):
    """Work that somebody waits for. Only ``tasks.jobs`` writes a state."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        db_index=False,  # job_of_owner serves
        related_name="jobs",
        help_text="Empty: the site's own, which a schedule started.",
    )
    kind = models.CharField(max_length=60)
    queue = models.CharField(
        max_length=60, help_text="Empty: a plain Celery task, which we only watch."
    )
    priority = models.SmallIntegerField(default=0, help_text="Higher goes first.")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(s, s) for s in State], default=State.QUEUED)

    attempt = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=1)
    token = models.CharField(max_length=32, default="", help_text="Of the newest attempt.")
    lease_until = models.DateTimeField(null=True)
    time_limit = models.FloatField(
        default=default_time_limit, help_text="Seconds after which an attempt is killed."
    )
    deadline = models.DateTimeField(null=True, help_text="When the running attempt is too late.")
    run_after = models.DateTimeField(default=timezone.now)
    worker = models.CharField(max_length=100, default="")
    cancel_requested_at = models.DateTimeField(null=True)

    idempotency_key = models.CharField(max_length=200, null=True, help_text="The caller's own.")  # noqa: DJ001 (NULLs differ, empty texts do not)
    repeat_of = models.ForeignKey(
        "self", models.SET_NULL, null=True, db_index=False, related_name="repeats"
    )
    schedule = models.CharField(max_length=200, null=True, help_text="What started it.")  # noqa: DJ001 (as above)
    slot = models.DateTimeField(null=True, help_text="The due time of the schedule it ran for.")
    inputs: models.ManyToManyField[File, Any] = models.ManyToManyField(
        "File", related_name="used_by", help_text="Uploads it reads."
    )

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
            models.Index(
                fields=["owner"],
                condition=models.Q(state__in=["queued", "running", "retrying"]),
                name="job_unfinished",
            ),
            models.Index(
                fields=["kind", "-finished_at"],
                condition=models.Q(state="succeeded"),
                name="job_of_kind",
            ),
            models.Index(
                fields=["finished_at"],
                condition=models.Q(finished_at__isnull=False),
                name="job_finished",
            ),
            models.Index(
                fields=["repeat_of"],
                condition=models.Q(repeat_of__isnull=False),
                name="job_repeated",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(State)), name="job_state"),
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="job_once",
            ),
            models.UniqueConstraint(
                fields=["schedule", "slot"],
                condition=models.Q(schedule__isnull=False),
                name="job_of_slot",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class Step(models.Model):
    """One thing that happened to a job: its timeline. Rows are only ever added."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="steps")
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=20, help_text="As the event: queued, started, …")
    by = models.CharField(max_length=150, default="", help_text="Who or what made it happen.")
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, default="")
    error = models.TextField(default="", help_text="A sentence for the owner.")
    traceback = models.TextField(default="", help_text="For staff.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.name} (attempt {self.attempt})"


def in_one_statement(
    collector: Collector, _field: Any, rows: models.QuerySet[Any], _using: str
) -> None:
    """Delete what belongs to a deleted row unread: the admin would load, and list, each line."""
    collector.fast_deletes.append(rows)


in_one_statement.lazy_sub_objs = True  # type: ignore[attr-defined]  # as Django's own SET_NULL


class OutputLine(models.Model):
    """A line that a job's function said: its output. ``tasks.scribe`` alone adds them."""

    pk = models.CompositePrimaryKey("job_id", "n")
    job = models.ForeignKey(Job, in_one_statement, db_index=False, related_name="output")
    n = models.PositiveIntegerField(help_text="From 1, without a gap, over all attempts.")
    attempt = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    level = models.CharField(max_length=7, help_text="As given to log(), or step, or cut.")
    text = models.TextField()

    def __str__(self) -> str:
        return self.text


class Schedule(models.Model):
    """How far a schedule has come; ``tasks.schedule`` and the admin say what is due when."""

    name = models.CharField(max_length=200, primary_key=True)
    last_slot = models.DateTimeField(help_text="No slot up to this one is due any more.")

    def __str__(self) -> str:
        return self.name


class File(models.Model):
    """Bytes on disk: an upload (``job`` is null) or what a job wrote."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="files",
        help_text="Empty: the site's own job wrote it.",
    )
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
