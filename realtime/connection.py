"""One client's conversation: commands in, effects out. Pure.

What needs the database or the hub is an effect (``Authenticate``, ``Ask``, ``Join``) whose
answer comes back as a call, so that the machine itself waits for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from uuid import uuid4

from realtime import protocol
from realtime.effects import (
    Ask,
    Authenticate,
    Effect,
    End,
    Identity,
    Join,
    Leave,
    Prove,
    Release,
    Renew,
    Send,
)
from realtime.errors import (
    AlreadySubscribed,
    NotAllowed,
    NotAvailable,
    ProtocolError,
    TooManySubscriptions,
    Unrecoverable,
)
from realtime.history import Page
from realtime.protocol import Command, Position, SubscribeRequest
from realtime.topics import Topic


class Phase(Enum):
    """How far a conversation is."""

    NEW = auto()  #: nothing was said
    CONNECTING = auto()  #: the connect command is being answered
    OPEN = auto()  #: connected
    REFUSED = auto()  #: the connect command got an error; nothing else is answered


class Connection:
    """What one client is, listens to, and may ask for next."""

    __slots__ = (
        "_command",
        "client",
        "max_subscriptions",
        "phase",
        "ping_seconds",
        "topics",
        "user_id",
    )

    def __init__(self, ping_seconds: int, max_subscriptions: int) -> None:
        self.ping_seconds, self.max_subscriptions = ping_seconds, max_subscriptions
        self.client = str(uuid4())
        self.phase = Phase.NEW
        self.user_id = ""
        self.topics: frozenset[Topic] = frozenset()
        self._command: Command | None = None

    def receive(self, command: Command) -> Sequence[Effect]:
        """Act on one command; the client's mistakes are answered, never raised."""
        self._command = command
        if command.connect is not None:
            return self._connect(command.connect.token)
        if self.phase is not Phase.OPEN:
            return [End(*protocol.BAD_REQUEST)]
        try:
            return self._ask(command)
        except ProtocolError as mistake:
            return self.refused(mistake)

    def claimed(self, who: Identity) -> Sequence[Effect]:
        """Act on the answer to Authenticate: the server subscribes the personal topic."""
        self.user_id = who.user_id
        return [Join(self.personal, self._positions.get(str(self.personal)))]

    def renewed(self, who: Identity) -> Sequence[Effect]:
        """Act on the answer to Renew: a token of somebody else ends the connection."""
        if who.user_id != self.user_id:
            return [End(*protocol.INVALID_TOKEN)]
        return [Send(protocol.refreshed(self._id, self.client, who.ttl))]

    def refused(self, mistake: ProtocolError) -> Sequence[Effect]:
        """Answer the command at hand with an error; a connect's ends the conversation."""
        if self.phase is Phase.CONNECTING:
            self.phase = Phase.REFUSED
        return [Send(protocol.error(self._id, mistake))]

    def answered(self, topic: Topic, allowed: bool) -> Sequence[Effect]:
        """Act on the answer to Ask."""
        request = self._command.subscribe if self._command else None
        if not allowed or request is None:
            return self.refused(NotAllowed(str(topic)))
        at = Position(request.epoch, request.offset) if request.recover else None
        return [Join(topic, at)]

    def joined(self, topic: Topic, at: Position | None, page: Page) -> Sequence[Effect]:
        """Act on a topic's place: reply with it, then let the topic's messages follow."""
        if self.phase is Phase.CONNECTING:
            return [Prove(topic, at, page)]
        request = self._command.subscribe if self._command else None
        strict = request is not None and request.flag & protocol.FLAG_REJECT_UNRECOVERED
        if strict and at is not None and not page.recovered:
            return [Leave(topic), *self.refused(Unrecoverable(str(topic)))]
        self.topics |= {topic}
        return [
            Send(protocol.subscribed(self._id, protocol.subscription(page, at))),
            Release(topic),
        ]

    def proved(self, proof: Prove, ttl: int) -> Sequence[Effect]:
        """Act on the answer to Prove: reply, then let the personal topic's messages follow."""
        topic = proof.topic
        self.phase = Phase.OPEN
        self.topics |= {topic}
        subs = {str(topic): protocol.subscription(proof.page, proof.at)}
        reply = protocol.connected(self._id, self.client, self.ping_seconds, subs, ttl)
        self._command = None  # it may hold 64 KiB
        return [Send(reply), Release(topic)]

    def displaced(self, topic: Topic) -> Sequence[Effect]:
        """Act on a lost place: the personal topic takes the connection with it."""
        if topic not in self.topics or topic == self.personal:
            return [End(*protocol.INSUFFICIENT_STATE)]
        return self._unsubscribed(topic, protocol.UNSUBSCRIBED_INSUFFICIENT)

    def forbidden(self, topic: Topic) -> Sequence[Effect]:
        """Act on a permission that was taken back: the client does not subscribe again."""
        if topic not in self.topics:
            return [Leave(topic)]  # it is being joined, which is refused then
        return self._unsubscribed(topic, protocol.UNSUBSCRIBED_BY_SERVER)

    @property
    def personal(self) -> Topic:
        """The topic that the server subscribes; it lives as long as the connection."""
        return Topic.of_user(self.user_id)

    @property
    def _id(self) -> int:
        return self._command.id if self._command else 0

    @property
    def _positions(self) -> Mapping[str, Position]:
        request = self._command.connect if self._command else None
        return request.positions if request else {}

    def _connect(self, token: str) -> Sequence[Effect]:
        if self.phase is not Phase.NEW:
            return [End(*protocol.BAD_REQUEST)]
        self.phase = Phase.CONNECTING
        return [Authenticate(token)]

    def _unsubscribed(self, topic: Topic, why: tuple[int, str]) -> Sequence[Effect]:
        self.topics -= {topic}
        return [Leave(topic), Send(protocol.unsubscribe_push(str(topic), *why))]

    def _ask(self, command: Command) -> Sequence[Effect]:
        if command.id == 0:
            return [End(*protocol.NOT_AVAILABLE)]  # ``send``: nobody here listens to it
        if command.subscribe is not None:
            return self._subscribe(command.subscribe)
        if command.unsubscribe is not None:
            return self._unsubscribe(Topic.parse(command.unsubscribe.channel))
        if command.refresh is not None:
            return [Renew(command.refresh.token)]
        if command == Command(id=command.id):
            return [End(*protocol.BAD_REQUEST)]  # nothing that the protocol knows
        raise NotAvailable

    def _subscribe(self, request: SubscribeRequest) -> Sequence[Effect]:
        topic = Topic.parse(request.channel)
        if request.type:
            raise NotAvailable
        if topic in self.topics:
            raise AlreadySubscribed(str(topic))
        if len(self.topics) >= self.max_subscriptions:
            raise TooManySubscriptions
        return [Ask(topic)]

    def _unsubscribe(self, topic: Topic) -> Sequence[Effect]:
        reply = Send(protocol.unsubscribed(self._id))
        if topic not in self.topics:
            return [reply]
        if topic == self.personal:
            raise NotAllowed("the server subscribes this topic")  # its session.ended must arrive
        self.topics -= {topic}
        return [Leave(topic), reply]
