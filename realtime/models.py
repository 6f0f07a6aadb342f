"""The durable log's two tables, a topic's stream and the events in it; and tickets."""

from __future__ import annotations

from django.db import models


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
