"""Who watches and who submits: people with sessions, and observers, each behind a proxy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any, TypeVar

from tests.chaos import programs
from tests.chaos.harness.platform import Platform
from tests.chaos.harness.program import ROOT
from tests.chaos.harness.proxy import Proxy

T = TypeVar("T")

CSRF = "c" * 32
READY_SECONDS, END_SECONDS = 120.0, 60.0
WEBSOCKET = "ws://127.0.0.1:{}/connection/websocket"


@dataclass(frozen=True)
class Seat:
    """A client's name, and whose session, of which kind of client, it uses."""

    name: str
    user: int
    kind: str
    cookie: str


@dataclass(frozen=True)
class Habits:
    """What all clients have in common."""

    #: The implementations that are dealt out in turn.
    kinds: Sequence[str] = ("python", "sdk")
    #: What they subscribe to beside their own topics, where the implementation can.
    topics: Sequence[str] = ()
    #: One that the Python clients are to have.
    bug: str = ""
    is_proxied: bool = True


class Audience:
    """The observers of a platform, each behind a proxy of its own if that is the habit."""

    def __init__(
        self,
        platform: Platform,
        keys: Sequence[Sequence[str]],
        seed: int,
        habits: Habits | None = None,
    ) -> None:
        """Seat the users: ``keys`` are each user's sessions; the first of them submits."""
        self.platform, self._seed, self._habits = platform, seed, habits or Habits()
        kinds = self._habits.kinds
        self.people = [_person(user, own[0]) for user, own in enumerate(keys, start=1)]
        self.seats = [
            Seat(f"{kind}-{user}-{n}", user, kind, _cookie(key))
            for user, own in enumerate(keys, start=1)
            for n, key in enumerate(own[1:], start=1)
            for kind in [kinds[(user + n) % len(kinds)]]
        ]
        ports = [web.port for web in platform.webs]
        self.proxies = {
            seat.name: Proxy(ports, first=n % len(ports)) for n, seat in enumerate(self.seats)
        }

    @property
    def apis(self) -> list[str]:
        return [web.url for web in self.platform.webs]

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Have all observers and the sampler run for the block."""
        url, journals = self.platform.database.url, str(self.platform.journals)
        sampler = [*programs.SAMPLER, url, journals]
        kinds = sorted({seat.kind for seat in self.seats})
        async with AsyncExitStack() as stack:
            for proxy in self.proxies.values() if self._habits.is_proxied else ():
                await proxy.open()
                stack.push_async_callback(proxy.close)
            for command in (sampler, *map(self._observers, kinds)):
                await stack.enter_async_context(_running(command))
            yield

    def log_outs(self, count: int, seconds: float) -> list[dict[str, Any]]:
        """Choose clients to be logged out, spread over so long: every tenth, or fewer."""
        leaving = self.seats[:: max(1, len(self.seats) // count)][:count] if count else []
        return [
            {
                "at_seconds": seconds * (n + 1) / (count + 1),
                "client": seat.name,
                "user": seat.user,
                "cookie": seat.cookie,
                "csrf": CSRF,
            }
            for n, seat in enumerate(leaving)
        ]

    async def submit(self, **spec: Any) -> None:
        """Run the submitter to its end; RuntimeError if it ends badly."""
        path = self._write(
            "submitter", people=self.people, api=self.apis, origin=self.apis[0], **spec
        )
        process = await asyncio.create_subprocess_exec(
            *programs.SUBMITTER, str(path), cwd=ROOT, stdout=DEVNULL
        )
        try:
            if await process.wait():
                raise RuntimeError("the submitter ended badly")
        finally:
            if process.returncode is None:
                process.kill()

    def _observers(self, kind: str) -> list[str]:
        clients = [self._told(seat) for seat in self.seats if seat.kind == kind]
        path = self._write(f"{kind}-observers", clients=clients)
        return [*programs.observers(kind), str(path)]

    def _told(self, seat: Seat) -> Mapping[str, Any]:
        return {
            "name": seat.name,
            "user": seat.user,
            "cookie": seat.cookie,
            "urls": [WEBSOCKET.format(port) for port in self._ports(seat)],
            "topics": self._habits.topics,
            "api": _from(seat.user, self.apis),
            "origin": self.apis[0],
        }

    def _ports(self, seat: Seat) -> list[int]:
        if self._habits.is_proxied:
            return [self.proxies[seat.name].port]
        return _from(seat.user, [web.port for web in self.platform.webs])

    def _write(self, name: str, **spec: Any) -> Path:
        path = self.platform.folder / f"{name}.json"
        common = {"seed": self._seed, "bug": self._habits.bug}
        told = {"folder": str(self.platform.journals), **common, **spec}
        path.write_text(json.dumps(told))
        return path


DEVNULL, PIPE = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE


@asynccontextmanager
async def _running(command: Sequence[str]) -> AsyncIterator[None]:
    """Run a program that writes journals; RuntimeError if it does not begin, or end, well."""
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
        if line != b"ready\n":
            raise RuntimeError(f"{command} did not get ready")
        yield
        with suppress(ProcessLookupError):
            process.send_signal(SIGTERM)
        async with asyncio.timeout(END_SECONDS):
            if code := await process.wait():
                raise RuntimeError(f"{command} ended with {code}")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _from(turn: int, all_: list[T]) -> list[T]:
    """Give all of them, beginning with another at each turn."""
    turn %= len(all_)
    return [*all_[turn:], *all_[:turn]]


def _cookie(key: str) -> str:
    return f"sessionid={key}; csrftoken={CSRF}"


def _person(user: int, key: str) -> dict[str, Any]:
    return {"user": user, "cookie": _cookie(key), "csrf": CSRF}
