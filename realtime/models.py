"""The durable log's two tables, a topic's stream and the events in it; tickets; the inbox."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from realtime.ids import uuid7
from realtime.notifications import (
    MAX_BODY,
    MAX_KIND,
    MAX_LINK,
    MAX_NAME,
    MAX_TITLE,
    Severity,
)

SEVERITIES = [severity.value for severity in Severity]


class Stream(models.Model):
    """A topic's history: ``epoch`` names this history, ``head`` is its last offset.

    Events with ``floor < offset <= head`` are kept. Only ``realtime.log`` writes here.
    """

    topic = models.CharField(max_length=90, unique=True)
    epoch = models.CharField(max_length=16)
    head = models.BigIntegerField(default=0)
    floor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.topic}@{self.epoch}:{self.head}"


class Event(models.Model):
    """Something that happened, at its place in a stream; ``data`` is the JSON text sent."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, db_index=False)
    offset = models.BigIntegerField()
    data = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "offset"], name="event_place")]

    def __str__(self) -> str:
        return f"{self.stream_id}:{self.offset}"


class Ticket(models.Model):
    """Opens one socket for a session. What is kept is the ticket's SHA-256, in hexadecimal."""

    digest = models.CharField(max_length=64, primary_key=True)
    session_key = models.CharField(max_length=40)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class Notification(models.Model):
    """What one person was told, kept until they are done with it.

    Written only by ``realtime.inbox_rows``, under the lock of the person's stream: so the order
    of writes is that of the events which tell of them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        db_index=False,  # notification_listed serves
        related_name="notifications",
    )
    kind = models.CharField(max_length=MAX_KIND)
    title = models.CharField(max_length=MAX_TITLE)
    body = models.CharField(max_length=MAX_BODY, default="", blank=True)
    severity = models.CharField(max_length=10, choices=[(s, s) for s in SEVERITIES])
    link = models.CharField(max_length=MAX_LINK, default="", blank=True)
    actions = models.JSONField(default=list, help_text="Of each its label and its link.")
    group = models.CharField(max_length=MAX_NAME, default="", help_text="Shown together.")
    key = models.CharField(max_length=MAX_NAME, default="", help_text="Of each a person has one.")
    at = models.DateTimeField(help_text="When it last became new.")
    seen_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-at", "-id"], name="notification_listed"),
            models.Index(fields=["at"], name="notification_age"),
            models.Index(
                fields=["user"],
                condition=models.Q(seen_at__isnull=True, archived_at__isnull=True),
                name="notification_unseen",
            ),
            models.Index(
                fields=["user"],
                condition=models.Q(read_at__isnull=True, archived_at__isnull=True),
                name="notification_unread",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"],
                condition=~models.Q(key=""),
                name="notification_of_key",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__in=SEVERITIES),
                name="notification_severity",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Preference(models.Model):
    """By which ways a person wants to hear of one kind, where not by those it declares."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=MAX_KIND)
    in_app = models.BooleanField()
    email = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"


class Mute(models.Model):
    """What a person wants to hear no more of: the notifications of one key."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+"
    )
    key = models.CharField(max_length=MAX_NAME)
    title = models.CharField(max_length=MAX_TITLE, default="", help_text="As it was when muted.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="mute_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
