"""Settles everything that must be known before the first process starts."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connections

from project import env
from project.up import database, demo, environment_file, redis_server, table
from project.up.addresses import Addresses
from project.up.folders import Folders
from project.up.listeners import listen
from project.up.lock import Lock
from project.up.program import Program


@dataclass(frozen=True, slots=True)
class Size:
    """How many processes of a kind."""

    web: int
    workers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one run of ``manage.py up`` starts, and what it tells the person who started it."""

    folders: Folders
    lock: Lock
    addresses: Addresses
    environment: Mapping[str, str]
    redis: Program | None
    stages: list[list[Program]]
    password: str
    began: float = field(default_factory=time.monotonic)

    @property
    def admin_sockets(self) -> dict[str, Path]:
        """Where each process that has a readiness answers for it."""
        programs = [program for stage in self.stages for program in stage]
        return {program.name: program.admin for program in programs if program.admin}


def settle(size: Size) -> Plan:
    """Take the lock and the address, find Redis, migrate, make the demo users.

    Nothing runs yet when this returns or raises. Raises UpError.
    """
    began = time.monotonic()
    folders = Folders.of(settings.DATA_DIR)
    folders.make()
    settings.STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns of a missing one
    lock = Lock.take(folders.lock)
    bind, port = env.text("BIND", "127.0.0.1"), env.integer("PORT", 8000)
    listeners = listen(bind, port, size.web)
    addresses = Addresses.of(bind, listeners[0].getsockname()[1])
    lock.announce(addresses.urls[0])
    redis = None if redis_server.is_external() else redis_server.program(folders)
    shared = _shared(folders, redis)
    environment_file.write(folders, shared)
    database.migrate()
    password = demo.ensure(folders.data / "demo-password")
    connections.close_all()
    return Plan(
        folders=folders,
        lock=lock,
        addresses=addresses,
        environment={**shared, **_inherited(folders, addresses)},
        redis=redis,
        # Detached: the sockets stay open for as long as this process lives.
        stages=table.platform([one.detach() for one in listeners], size.workers, folders),
        password=password,
        began=began,
    )


def _shared(folders: Folders, redis: Program | None) -> dict[str, str]:
    """Name what by-hand commands must know as well."""
    address = redis_server.url(folders) if redis else os.environ.get("REDIS_URL", "")
    known = {"RUN_DIR": str(folders.run), "REDIS_URL": address}
    return {name: value for name, value in known.items() if value}


def _inherited(folders: Folders, addresses: Addresses) -> dict[str, str]:
    return {
        "DATA_DIR": str(folders.data),
        "PYTHONUNBUFFERED": "1",
        **addresses.environment(settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS),
    }
