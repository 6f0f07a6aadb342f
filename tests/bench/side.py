"""What a side of the benchmark is: a server, how to greet it, and its messages, ready-made."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from tests.bench.children import Child
from tests.bench.lab import Lab


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its process, where its sockets are, and who may log in."""

    child: Child
    url: str
    origin: str
    cookies: list[str] = field(repr=False)


class Side(Protocol):
    """One way to get a message to a browser."""

    name: str
    #: The JSON key before a message's number within its topic.
    marker: str
    #: What a client says first and awaits an answer to, if anything.
    hello: str | None
    #: What it says to hear everybody's messages, if it must.
    join: str | None
    #: How many times as many messages as the tutorial it is given.
    pace: int

    def start(self, lab: Lab) -> Server:
        """Start the server with a database of so many logged-in users as there are sockets."""
        ...

    def write_script(self, lab: Lab, path: Path, numbers: range, all_: bool) -> None:
        """Write the Redis commands of a round, for everybody or one for each user in turn."""
        ...

    def publish_cost(self, lab: Lab, calls: int) -> dict[str, float]:
        """Measure a call that tells one user something, in a process like a worker: µs."""
        ...
