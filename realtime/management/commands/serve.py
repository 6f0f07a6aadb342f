"""``manage.py serve``: one Daphne process of the fleet."""

from __future__ import annotations

import gc
import logging
import socket
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from realtime import health, metrics
from realtime.conf import conf
from realtime.operations_reporter import Reporter
from realtime.operations_web import WebProcess
from realtime.server.listen import CannotListen, Listeners, bound, inherited
from realtime.server.server import Server

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Serve the site's ASGI application; leave on SIGTERM, stop at once on SIGINT."""

    help = "Serve the site: HTTP and WebSockets, one process of the fleet."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--fd", type=int, action="append", default=[], help="an inherited listening socket")
        add("--handover", action="store_true", help="a successor gets that socket before SIGTERM")
        add("--bind", action="append", default=[], metavar="HOST:PORT")
        add("--name", default="web1", help="this process's name (web1)")
        add("--admin", type=Path, help="path of the private socket (RUN_DIR, then NAME.sock)")
        proxy = "believe X-Real-IP and X-Forwarded-Proto, which a proxy overwrites"
        add("--proxy-headers", action="store_true", help=proxy)

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        admin = options["admin"] or Path(conf.RUN_DIR) / f"{name}.sock"
        metrics.process.info({"name": name})
        application = import_string(conf.ASGI_APPLICATION)
        admin.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            listeners = _listeners(options)
            if not any(listeners):
                raise CommandError("Give --fd or --bind.")
            # What is loaded by now lives for ever: the collector need not look at it again.
            gc.collect()
            gc.freeze()
            server = Server(
                application,
                listeners,
                (admin, health.application),
                is_behind_proxy=options["proxy_headers"],
                ready=lambda: logger.info("%s serves", name, extra={"action": "serve.ready"}),
            )
            health.register_check("process", server.readiness)
            Reporter(WebProcess(f"{socket.gethostname()}/{name}", server.loop).look).start()
            server.run()
        except CannotListen as error:
            raise CommandError(str(error)) from error


def _listeners(options: dict[str, Any]) -> Listeners:
    given, own = [*map(inherited, options["fd"])], [*map(bound, options["bind"])]
    return Listeners(given, own) if options["handover"] else Listeners([], [*given, *own])
