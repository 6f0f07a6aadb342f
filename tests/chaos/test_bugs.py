from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.acceptance.site import ROOT
from tests.chaos.checker import VERDICTS
from tests.chaos.convictions import CONVICTIONS

#: What each replaces, as it is found once it is planted: nothing of the platform's own.
PATCHED = {
    "publish_before_commit": "realtime.publish:_append",
    "offset_by_max": "realtime.log:_append",
    "silent_replay_limit": "realtime.log:read",
    "replay_with_the_last_seen": "realtime.log:read",
    "replay_backwards": "realtime.log:read",
    "revocation_by_hint_only": "realtime.revocation:end_sessions",
    "no_position_check": "realtime.hub:Hub.check_positions",
    "read_before_joining": "realtime.hub:Hub.join",
    "no_subscribe_after_reconnect": "realtime.subscriber:Subscriber._say",
    "unbounded_send": "realtime.server.output:Output._bears",
    "answer_before_commit": "tasks.enqueueing:submit",
    "told_to_a_neighbour": "tasks.announce:moved",
    "no_reconciler": "tasks.management.commands.reconcile:reconcile",
    "no_token_on_final_update": "tasks.moves:held",
    "no_final_state_guard": "tasks.moves:held",
    "marked_in_silence": "realtime.inbox_rows:mark",
}
_LOOK = (
    "import importlib, operator, sys, django; django.setup(); "
    "module, _, name = sys.argv[1].partition(':'); "
    "print(operator.attrgetter(name)(importlib.import_module(module)).__module__)"
)


def look(place: str, bug: str) -> subprocess.CompletedProcess[str]:
    """Name the module that a name of the platform's leads to when this bug is planted."""
    env = {
        "PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
        "SECRET_KEY": "x", "CHAOS_BUG": bug,
    }  # fmt: skip
    command = [sys.executable, "-c", _LOOK, place]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("bug", PATCHED)
def test_a_bug_replaces_what_it_means_to(bug: str) -> None:
    assert look(PATCHED[bug], bug).stdout.startswith("tests.chaos.app.bugs.")


def test_without_a_bug_nothing_is_replaced() -> None:
    assert look("tasks.moves:held", "").stdout == "tasks.moves\n"


def test_a_bug_that_is_not_known_is_refused_by_name() -> None:
    refused = look("tasks.moves:held", "no_such_bug")

    assert refused.returncode
    assert "no_such_bug is none of the bugs publish_before_commit, " in refused.stderr


def test_every_bug_has_a_run_in_which_it_must_be_caught() -> None:
    tried = [conviction.bug for conviction in CONVICTIONS]

    assert sorted(tried) == sorted([*PATCHED, "client_without_position"])


def test_every_verdict_is_deserved_by_some_bug() -> None:
    deserved = {verdict for conviction in CONVICTIONS for verdict in conviction.verdicts}

    assert deserved == set(VERDICTS)
