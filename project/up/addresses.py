"""What to type into a browser, and which host names the processes must then allow."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass

_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104 (compared with, not bound)


@dataclass(frozen=True, slots=True)
class Addresses:
    """The hosts of one listening platform, the nearest first."""

    hosts: Sequence[str]
    port: int

    @classmethod
    def of(cls, bind: str, port: int) -> Addresses:
        """Name the hosts that a socket bound to ``bind`` answers on."""
        if bind not in _EVERYWHERE:
            return cls([bind], port)
        outer = lan_address()
        return cls(["127.0.0.1", outer] if outer else ["127.0.0.1"], port)

    @property
    def urls(self) -> list[str]:
        """The addresses to open."""
        return [f"http://{_bracketed(host)}:{self.port}" for host in self.hosts]

    def environment(self, allowed: Sequence[str], trusted: Sequence[str]) -> dict[str, str]:
        """Give the settings that let these hosts in beside those that are let in already."""
        hosts = [*allowed, *(_bracketed(host) for host in self.hosts)]
        return {
            "ALLOWED_HOSTS": ",".join(dict.fromkeys(hosts)),
            "CSRF_TRUSTED_ORIGINS": ",".join(dict.fromkeys([*trusted, *self.urls])),
        }


def lan_address() -> str:
    """Give the address under which this machine's own network knows it; "" if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing: it only chooses the way out.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
