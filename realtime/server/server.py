"""The process: it listens, runs an application per exchange, and stops without loss."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Collection
from pathlib import Path
from socket import socket as OsSocket  # noqa: N812 (Socket is our WebSocket)
from typing import Any

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
from realtime.protocol import SHUTDOWN
from realtime.server.channel import Channel, Site
from realtime.server.drain import Drain
from realtime.server.exchange import Application, Exchange
from realtime.server.listen import Listeners, listen_privately
from realtime.server.socket import Socket

logger = logging.getLogger(__name__)

_BEAT_SECONDS = 0.5


class Server(daphne.server.Server):  # type: ignore[misc]  # Daphne has no types
    """Serves one application to the world and another one to the administrator.

    ``admin`` is the path of a unix socket and the ASGI application behind it.
    """

    def __init__(
        self,
        application: Application,
        listeners: Listeners,
        admin: tuple[Path, Application] | None = None,
        *,
        is_behind_proxy: bool = False,
        ready: Callable[[], None] | None = None,
    ) -> None:
        every = [*listeners.shared, *listeners.own]
        super().__init__(application, endpoints=every, server_name="", ready_callable=ready)
        self._listeners = listeners
        self._shared: list[Any] = []
        self._own: list[Any] = []
        self.admin, self.is_behind_proxy = admin, is_behind_proxy
        self.limits, self.spool_dir = limits(), settings.FILE_UPLOAD_TEMP_DIR
        self.exchanges: set[Exchange] = set()
        self.channels: set[Channel] = set()
        self._private: Any = None
        self._draining: asyncio.Task[None] | None = None
        self.loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop
        self._beat_at = 0.0
        self._is_stopping = False

    def run(self) -> None:
        """Serve until the process is told to leave (SIGTERM) or to stop at once (SIGINT)."""
        _log_errors_of_twisted()
        asyncio.set_event_loop(self.loop)
        self._listen()
        self._beat_at = self.loop.time() + _BEAT_SECONDS
        self.loop.call_at(self._beat_at, self._beat)
        reactor.addSystemEventTrigger("before", "shutdown", self._stopped)
        if self.ready_callable is not None:
            reactor.callWhenRunning(self.ready_callable)
        self.loop.add_signal_handler(signal.SIGTERM, self.drain)
        self.loop.add_signal_handler(signal.SIGINT, self.stop)
        reactor.run(installSignalHandlers=False)

    @property
    def is_draining(self) -> bool:
        """Tell whether who comes now is to go elsewhere."""
        return self._draining is not None or self._is_stopping

    def readiness(self) -> str:
        """Check readiness: "" while the process takes whoever comes."""
        return "It sends its clients elsewhere." if self.is_draining else ""

    def drain(self) -> None:
        """Begin to send everybody elsewhere, and stop once they are gone."""
        if not self.is_draining:
            self._draining = self.loop.create_task(Drain(self).run())
            self._draining.add_done_callback(lambda _: self.stop())

    def stop_listening(self, *, shared: bool) -> None:
        """Accept no more on the sockets that a successor shares, or on the others."""
        ports = self._shared if shared else self._own
        while ports:
            ports.pop().stopListening()

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
        for listener in self._listeners.shared:
            self._shared.append(self._open(listener, site))
        for listener in self._listeners.own:
            self._own.append(self._open(listener, site))
        if self.admin is not None:
            path, application = self.admin
            admin = Site(self, application, has_sockets=False)
            self._private = listen_privately(reactor, path, admin)

    def _open(self, listener: OsSocket, site: Site) -> Any:
        port = reactor.adoptStreamPort(listener.fileno(), listener.family, site)
        listener.close()  # the port has its own copy
        return port

    def _stopped(self) -> Deferred[None]:
        return Deferred.fromFuture(self.loop.create_task(self._stop()))

    async def _stop(self) -> None:
        for shared in (True, False):
            self.stop_listening(shared=shared)
        if self._private is not None:
            self._private.stopListening()
        for exchange in list(self.exchanges):
            if isinstance(exchange, Socket):
                exchange.end(*SHUTDOWN)
            else:
                exchange.send_away()
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
