"""The process: it listens, runs an application per exchange, and stops without loss."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Collection
from pathlib import Path
from socket import socket as OsSocket  # noqa: N812 (Socket is our WebSocket)

import daphne.server
from django.conf import settings
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.logger import (
    FilteringLogObserver,
    LogLevel,
    LogLevelFilterPredicate,
    STDLibLogObserver,
    globalLogBeginner,
)

from realtime import metrics
from realtime.conf import limits
from realtime.server.channel import Site
from realtime.server.exchange import Application, Exchange
from realtime.server.listen import hold_little, listen_privately
from realtime.server.socket import Socket

logger = logging.getLogger(__name__)

SHUTDOWN = (3001, "shutdown")
_BEAT_SECONDS = 0.5


class Server(daphne.server.Server):  # type: ignore[misc]  # Daphne has no types
    """Serves one application to the world and another one to the administrator.

    ``listeners`` are non-blocking listening sockets. ``admin`` is the path of a unix socket
    and the ASGI application behind it.
    """

    def __init__(
        self,
        application: Application,
        listeners: list[OsSocket],
        admin: tuple[Path, Application] | None = None,
        *,
        is_behind_proxy: bool = False,
        ready: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(application, endpoints=listeners, server_name="", ready_callable=ready)
        self.admin, self.is_behind_proxy = admin, is_behind_proxy
        self.limits, self.spool_dir = limits(), settings.FILE_UPLOAD_TEMP_DIR
        self.exchanges: set[Exchange] = set()
        self.loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
        self._beat_at = 0.0
        self._is_stopping = False

    def run(self) -> None:
        """Serve until the process is told to stop (SIGTERM, SIGINT)."""
        _log_errors_of_twisted()
        asyncio.set_event_loop(self.loop)
        self._listen()
        self._beat_at = self.loop.time() + _BEAT_SECONDS
        self.loop.call_at(self._beat_at, self._beat)
        reactor.addSystemEventTrigger("before", "shutdown", self._stopped)
        if self.ready_callable is not None:
            reactor.callWhenRunning(self.ready_callable)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.stop)
        reactor.run(installSignalHandlers=False)

    def stop(self) -> None:
        """Begin to stop; a second call changes nothing, where Twisted's own would raise."""
        if not self._is_stopping:
            self._is_stopping = True
            super().stop()

    def protocol_connected(self, protocol: Exchange) -> None:
        """Know an exchange; Daphne's own request calls this."""
        self.exchanges.add(protocol)

    def protocol_disconnected(self, protocol: Exchange) -> None:
        """Note that an exchange's peer is gone; Daphne's own request calls this."""
        protocol.gone()

    def forget(self, exchange: Exchange) -> None:
        """Let go of an exchange both of whose sides have ended."""
        self.exchanges.discard(exchange)

    def _listen(self) -> None:
        site = Site(self, self.application, has_sockets=True)
        for listener in self.endpoints:
            hold_little(listener, self.limits.max_waiting_bytes)
            self.listeners.append(reactor.adoptStreamPort(listener.fileno(), listener.family, site))
            listener.close()  # the port has its own copy
        if self.admin is not None:
            path, application = self.admin
            admin = Site(self, application, has_sockets=False)
            self.listeners.append(listen_privately(reactor, path, admin))

    def _stopped(self) -> Deferred[None]:
        return Deferred.fromFuture(self.loop.create_task(self._stop()))

    async def _stop(self) -> None:
        for port in self.listeners:
            port.stopListening()
        for exchange in list(self.exchanges):
            if isinstance(exchange, Socket):
                exchange.end(*SHUTDOWN)
        await self._end({exchange.task for exchange in self.exchanges if exchange.task})
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await self._end(others)

    async def _end(self, tasks: Collection[asyncio.Task[None]]) -> None:
        if tasks:
            await asyncio.wait(tasks, timeout=self.limits.stop_seconds)

    def _beat(self) -> None:
        metrics.loop_delay.observe(self.loop.time() - self._beat_at)
        self._beat_at = self.loop.time() + _BEAT_SECONDS
        self.loop.call_at(self._beat_at, self._beat)


def _log_errors_of_twisted() -> None:
    errors_only = LogLevelFilterPredicate(defaultLogLevel=LogLevel.error)
    observer = FilteringLogObserver(STDLibLogObserver("twisted"), [errors_only])
    globalLogBeginner.beginLoggingTo([observer], redirectStandardIO=False, discardBuffer=True)
