"""What a fault may lay hands on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.chaos.harness.platform import Platform, Web
from tests.chaos.harness.proxy import Proxy

#: What shows that a fault really hit; empty if nothing does.
Evidence = Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """The platform and the lines of its clients, by the client's name."""

    platform: Platform
    proxies: Mapping[str, Proxy]

    def web(self, name: str) -> Web:
        """Give the server of this name."""
        return next(web for web in self.platform.webs if web.name == name)


#: A fault takes the stage, the name of its target and how long it lasts, in seconds. It returns
#: when it is taken back, with what shows that it hit.
Strike = Callable[[Stage, str, float], Awaitable[Evidence]]
