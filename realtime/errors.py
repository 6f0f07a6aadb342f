"""What can be wrong in delivery.

RealtimeError
├── ProtocolError          a client's mistake; ``code`` is the number on the wire
│   ├── InvalidTopic         107
│   ├── UnknownTopic         102
│   ├── NotAllowed           103
│   ├── AlreadySubscribed    105
│   ├── TooManySubscriptions 106
│   ├── NotAvailable         108
│   ├── TokenExpired         109
│   └── Unrecoverable        112
├── Disconnect             the connection must end; ``code`` is the close code
├── InboxError             what an inbox cannot do; ``code`` is what the API calls it
│   ├── InvalidNotification  words, a severity or a link that a notification cannot have
│   ├── InvalidMark          no such mark, or too many notifications at once
│   ├── UnknownNotification  this person has no such notification
│   ├── UnknownNoticeKind    no kind of notification is registered under this name
│   └── TooManyMutes         this person has muted as much as one may
├── NoTransaction          an event was appended outside a transaction
└── PayloadTooLarge        an event over 8 KiB
"""

from __future__ import annotations

from typing import ClassVar


class RealtimeError(Exception):
    """Realtime delivery failed."""

    def __init__(self, detail: str = "") -> None:
        sentence = (type(self).__doc__ or "").strip()
        super().__init__(f"{sentence} ({detail})" if detail else sentence)


class NoTransaction(RealtimeError):
    """An event is appended inside the transaction that records what it tells."""


class PayloadTooLarge(RealtimeError):
    """An event carries at most 8 KiB; results are fetched by the API."""


class ProtocolError(RealtimeError):
    """The client asked for something that it cannot have."""

    code: ClassVar[int] = 107
    message: ClassVar[str] = "bad request"


class InvalidTopic(ProtocolError):
    """This is no topic's name."""


class UnknownTopic(ProtocolError):
    """No such kind of topic."""

    code = 102
    message = "unknown channel"


class NotAllowed(ProtocolError):
    """You may not hear this topic."""

    code = 103
    message = "permission denied"


class AlreadySubscribed(ProtocolError):
    """This connection hears that topic already."""

    code = 105
    message = "already subscribed"


class TooManySubscriptions(ProtocolError):
    """This connection listens to as many topics as it may."""

    code = 106
    message = "limit exceeded"


class NotAvailable(ProtocolError):
    """This server does not offer that."""

    code = 108
    message = "not available"


class TokenExpired(ProtocolError):
    """The token's time is over; fetch another."""

    code = 109
    message = "token expired"


class Unrecoverable(ProtocolError):
    """The position cannot be recovered from."""

    code = 112
    message = "unrecoverable position"


class Disconnect(RealtimeError):
    """The connection must end."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class InboxError(RealtimeError):
    """The inbox cannot do this."""

    code: ClassVar[str] = "invalid"

    def __init__(self, detail: str = "") -> None:
        Exception.__init__(self, detail or (type(self).__doc__ or "").strip())


class InvalidNotification(InboxError):
    """A notification cannot say this."""

    code = "invalid_notification"


class InvalidMark(InboxError):
    """Notifications cannot be marked so."""

    code = "invalid_mark"


class UnknownNotification(InboxError):
    """You have no such notification."""

    code = "unknown_notification"


class UnknownNoticeKind(InboxError):
    """There is no such kind of notification."""

    code = "unknown_kind"


class TooManyMutes(InboxError):
    """You have muted as much as one may; unmute something."""

    code = "too_many_mutes"
