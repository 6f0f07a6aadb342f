"""The application that runs behind a socket or a request, and its end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from realtime import metrics

logger = logging.getLogger(__name__)

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class Exchange:
    """A peer on one side, an ASGI application on the other; a subclass is the peer.

    The server knows the exchange until both sides have ended. The end of the application is
    acted on at once, not found by polling: its task calls back.
    """

    server: Any
    application_type = ""
    #: The peer has left, or has got its whole response.
    is_gone = False
    #: The application, while it runs.
    task: asyncio.Task[None] | None = None
    _patience: asyncio.TimerHandle | None = None

    async def receive(self) -> Message:
        """Give the application what the peer did next."""
        raise NotImplementedError

    async def send(self, message: Message) -> None:
        """Do what the application says."""
        raise NotImplementedError

    def application_ended(self, error: BaseException | None) -> None:
        """Tell the peer what it must know: the application returned, or raised ``error``."""
        raise NotImplementedError

    def send_away(self) -> None:
        """Have the peer go elsewhere, if it would stay for long: this process leaves."""

    def start(self, application: Application, scope: Scope) -> None:
        """Run the application from the next turn of the event loop on."""
        self.task = self.server.loop.create_task(application(scope, self.receive, self.send))
        self.task.add_done_callback(self._ended)

    def cancel(self) -> None:
        """Stop the application where it waits."""
        if self.task is not None:
            self.task.cancel()

    def gone(self) -> None:
        """Note that the peer is gone; an application that goes on regardless is cancelled."""
        if not self.is_gone:
            self.is_gone = True
            if self.task is None:
                self.server.forget(self)
            else:
                seconds = self.server.limits.application_close_seconds
                self._patience = self.server.loop.call_later(seconds, self._lose_patience)

    def _lose_patience(self) -> None:
        logger.warning(
            "%r outlived its peer and was cancelled.", self, extra={"action": "server.cancelled"}
        )
        self.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            metrics.application_failures.labels(self.application_type).inc()
            logger.error(
                "%r failed: %s", self, error,
                exc_info=error, extra={"action": "server.application_failed"},
            )  # fmt: skip
        if self._patience is not None:
            self._patience.cancel()
        if self.is_gone:
            self.server.forget(self)
        else:
            self.application_ended(error)
