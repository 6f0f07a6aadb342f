"""What the person who started the platform is told once it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from project.up.demo import NAMES, STAFF


def text(headline: str, urls: Sequence[str], password: str, pids: Mapping[str, int | None]) -> str:
    """Give the headline, where to go, how to log in, and which process is which."""
    processes = "  ".join(f"{name} {pid or '(down)'}" for name, pid in pids.items())
    people = f"{', '.join(NAMES)}, or {STAFF} (staff)"
    return (
        f"\n{headline}\n"
        f"  open       {'   '.join(urls)}\n"
        f"  log in as  {people}, password {password}\n"
        f"  processes  {processes}\n"
        f"  Ctrl-C stops everything.\n"
    )
