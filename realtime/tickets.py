"""Tickets: what opens one socket where a cookie cannot go and a token should not be seen.

A query string ends up in logs and histories, so no lasting credential is read from it. A ticket
is worth nothing after its first use or after half a minute, and lives no longer than the
session that it was made in.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from realtime.conf import limits
from realtime.models import Ticket

_REDEEM = "DELETE FROM realtime_ticket WHERE digest = %s RETURNING session_key, expires_at > %s"


def make(session_key: str) -> str:
    """Make a ticket for a session, and throw away what nobody used in time."""
    now = timezone.now()
    ticket = secrets.token_urlsafe(32)
    Ticket.objects.filter(expires_at__lt=now).delete()
    Ticket.objects.create(
        digest=_digest(ticket),
        session_key=session_key,
        expires_at=now + timedelta(seconds=limits().ticket_seconds),
    )
    return ticket


def redeem(ticket: str) -> str:
    """Give the key of the ticket's session, once; empty for any other or a late ticket."""
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_REDEEM, [_digest(ticket), now])
        row = cursor.fetchone()
    return str(row[0]) if row and row[1] else ""


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
