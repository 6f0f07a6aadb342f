"""Which jobs the list's address asks for: ``?state=running&kind=reports&q=…&since=2026-10-01``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from urllib.parse import urlencode
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from tasks.search import Wanted
from tasks.states import State

#: The list's tabs. To a person a job that will be tried again waits, too.
TABS: Mapping[str, tuple[Promise, tuple[State, ...]]] = {
    "": (gettext_lazy("All"), ()),
    "queued": (gettext_lazy("Waiting"), (State.QUEUED, State.RETRYING)),
    "running": (gettext_lazy("Running"), (State.RUNNING,)),
    "succeeded": (gettext_lazy("Done"), (State.SUCCEEDED,)),
    "failed": (gettext_lazy("Failed"), (State.FAILED,)),
    "cancelled": (gettext_lazy("Cancelled"), (State.CANCELLED,)),
}
_MAX_KIND, _MAX_SEARCH = 60, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What an address asks for; "" does not restrict. ``since`` is a day, in UTC."""

    state: str = ""
    kind: str = ""
    q: str = ""
    since: str = ""

    @property
    def address(self) -> str:
        """Give it as a query with its question mark; "?" for everything."""
        return "?" + urlencode({name: value for name, value in asdict(self).items() if value})

    def wanted(self, before: UUID | None = None) -> Wanted:
        """Give what ``tasks.search`` takes; ``before`` is the last id of the page before."""
        since = (
            datetime.combine(date.fromisoformat(self.since), time(), UTC) if self.since else None
        )
        return Wanted(
            states=TABS[self.state][1],
            kind=self.kind,
            search=self.q,
            since=since,
            before=before,
        )


def read(query: Mapping[str, str]) -> Filter:
    """Read an address's query; what makes no sense there is let pass, as a link may be old."""
    fields = {name: query.get(name, "").replace("\0", "").strip() for name in ("kind", "q")}
    return Filter(
        state=state if (state := query.get("state", "")) in TABS else "",
        kind=fields["kind"][:_MAX_KIND],
        q=fields["q"][:_MAX_SEARCH],
        since=_day(query.get("since", "")),
    )


def read_before(query: Mapping[str, str]) -> UUID | None:
    """Read after which job the page begins."""
    try:
        return UUID(query.get("before", ""))
    except ValueError:
        return None


def tabs(wanted: Filter) -> list[dict[str, object]]:
    """Give each tab with its address, as the other filters stay."""
    return [
        {
            "state": state,
            "name": name,
            "address": replace(wanted, state=state).address,
            "is_current": state == wanted.state,
        }
        for state, (name, _) in TABS.items()
    ]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
