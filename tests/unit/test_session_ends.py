"""Whom the event of a session's end concerns."""

from __future__ import annotations

import json

import pytest

from realtime.effects import Identity
from realtime.protocol import publication
from realtime.revocation import concerns, fingerprint

TAB, BEARER = Identity("1", session_key="abc"), Identity("1", ttl=60)
THIS, OTHER, ALL = fingerprint("abc"), fingerprint("abd"), ""
RECONNECT, DISCONNECT = (3011, "force reconnect"), (3503, "force disconnect")


@pytest.mark.parametrize(
    ("session", "reason", "tab", "bearer"),
    [
        pytest.param(THIS, "signed_out", RECONNECT, None, id="signed out here"),
        pytest.param(OTHER, "signed_out", None, None, id="signed out elsewhere"),
        pytest.param(ALL, "password_changed", RECONNECT, None, id="a new password"),
        pytest.param(ALL, "deactivated", DISCONNECT, DISCONNECT, id="deactivated"),
        pytest.param(ALL, "deleted", DISCONNECT, DISCONNECT, id="deleted"),
        pytest.param(ALL, "of a newer release", RECONNECT, None, id="an unknown reason"),
    ],
)
def test_it_concerns_the_session_or_all_of_them(session, reason, tab, bearer):
    data = {"v": 1, "type": "session.ended", "session": session, "reason": reason, "new": [1]}
    payload = publication("user:1", json.dumps(data).encode(), 7)

    assert (concerns(payload, TAB), concerns(payload, BEARER)) == (tab, bearer)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"type": "note", "about": {"type": "session.ended"}}, id="quoted"),
        pytest.param({"type": "note", "reason": {"type": "session.ended"}}, id="as the reason"),
        pytest.param({"type": "note", "session": 7}, id="another kind of session"),
    ],
)
def test_another_event_concerns_nobody(data):
    payload = publication("user:1", json.dumps(data).encode(), 7)

    assert concerns(payload, TAB) is None
